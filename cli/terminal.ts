import { createInterface } from 'node:readline/promises';
import type { Terminal } from './command.ts';

/** The terminal of this process. A reader who has gone away (`| head`) ends the output, not with a stack trace. */
export function processTerminal(): Terminal {
  const { stdout, stderr, stdin } = process;
  const isWatched = stderr.isTTY === true && process.env.TERM !== 'dumb';
  let live: string | null = null;
  let question: string | null = null;
  for (const stream of [stdout, stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
  const draw = () => {
    if (live !== null && question === null)
      stderr.write(`\r\x1b[2K${live.slice(0, Math.max(20, (stderr.columns ?? 80) - 1))}`);
  };
  return {
    isWatched,
    // https://no-color.org
    colours: stdout.isTTY === true && process.env.TERM !== 'dumb' && !process.env.NO_COLOR,
    out: (text) => {
      stdout.write(`${text}\n`);
    },
    err(line) {
      stderr.write(`${live === null && question === null ? '' : '\r\x1b[2K'}${printable(line)}\n${question ?? ''}`);
      draw();
    },
    live(line) {
      if (!isWatched || line === live) return;
      if (line === null && question === null) stderr.write('\r\x1b[2K');
      live = line === null ? null : printable(line);
      draw();
    },
    async ask(asked, withdrawn) {
      if (!isWatched || stdin.isTTY !== true) return null;
      if (live !== null) stderr.write('\r\x1b[2K');
      question = asked;
      const reader = createInterface({ input: stdin, output: stderr });
      // While a line is read, Ctrl-C is a key like others; to us it is still the signal.
      reader.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
      try {
        return await reader.question(asked, withdrawn === undefined ? {} : { signal: withdrawn });
      } catch (error) {
        if (!withdrawn?.aborted) throw error;
        stderr.write('\n');
        return null;
      } finally {
        question = null;
        reader.close();
        draw();
      }
    },
  };
}

/** Without control characters but tabs and line ends: what a server or a file says must not steer the terminal. */
export function printable(text: string): string {
  return text.replace(/[^\P{Cc}\n\t]/gu, '');
}
