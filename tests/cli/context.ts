import type { Context } from '../../cli/command.ts';

/** A process around a command that remembers what it was told. */
export function testContext(options: { watched?: boolean; answer?: string | null; now?: () => Date } = {}) {
  const out: string[] = [];
  const err: string[] = [];
  const live: (string | null)[] = [];
  const interruption = new AbortController();
  const context: Context = {
    env: {},
    cwd: '/',
    terminal: {
      isWatched: options.watched ?? false,
      out: (text) => out.push(text),
      err: (line) => err.push(line),
      live: (line) => live.push(line),
      ask: async () => options.answer ?? null,
    },
    interrupted: interruption.signal,
    now: options.now ?? (() => new Date()),
  };
  return { context, out, err, live, interrupt: (reason: Error) => interruption.abort(reason) };
}
