import { InterruptedError } from './errors.ts';
import { run } from './run.ts';
import { processTerminal } from './terminal.ts';
import { VERBS } from './verbs.ts';

const SIGNALS = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;
/** A terminal, npm and `cli/bin.js` each hand on the same Ctrl-C. */
const SAME_SIGNAL_MS = 1_000;

const interruption = new AbortController();
let interruptedAt = 0;

function interrupt(exitCode: number): void {
  if (!interruption.signal.aborted) {
    interruptedAt = Date.now();
    const message = exitCode === SIGNALS.SIGHUP ? 'The process that started this one is gone.' : 'Interrupted.';
    interruption.abort(new InterruptedError(message, { remedy: 'Start it again when you want to.', exitCode }));
  } else if (Date.now() - interruptedAt > SAME_SIGNAL_MS) process.exit(exitCode);
}

for (const [signal, exitCode] of Object.entries(SIGNALS)) process.on(signal, () => interrupt(exitCode));
// cli/bin.js holds the other end of this channel, and has no way to say that it was killed.
process.on('disconnect', () => interrupt(SIGNALS.SIGHUP));
process.channel?.unref();

process.exitCode = await run(process.argv.slice(2), VERBS, {
  env: process.env,
  cwd: process.cwd(),
  terminal: processTerminal(),
  interrupted: interruption.signal,
  now: () => new Date(),
});
