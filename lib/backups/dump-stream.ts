import type { Readable } from 'node:stream';
import { judgeEnd } from './dump-end.ts';
import { DumpFailedError } from './errors.ts';
import { startProgram } from './program.ts';

export type DumpStreamOptions = {
  file: string;
  args: readonly string[];
  env: Readonly<Record<string, string>>;
  stop: AbortSignal;
  /** What the stream has to begin and to end with; without it the program ended early, whatever its exit code. */
  begins?: string;
  ends?: string;
  /** Called with the first piece: pg_dump then has its locks and the view that it was given. */
  onFirst?: () => void;
  /** See {@link startProgram}. */
  isProgress?: (line: string) => boolean;
  /** Each line of standard error that is no reason to fail. */
  onSaid?: (line: string) => void;
};

const TAIL = 512;

/**
 * What a program writes. The stream ends only when the program has ended well: whoever reads it to its end has all of it.
 *
 * @throws DumpFailedError, or the stop's reason
 */
export async function* dumpStream(options: DumpStreamOptions): AsyncGenerator<Buffer> {
  const { file, stop, begins = '', ends = '' } = options;
  const program = startProgram(options);
  program.stdin.end();
  let head = '';
  let tail = Buffer.alloc(0);
  try {
    for await (const piece of piecesOf(program.stdout)) {
      if (head.length < begins.length) head += piece.toString('latin1', 0, begins.length - head.length);
      if (head.length === begins.length && head !== begins) throw short(file, 'begin', begins);
      if (ends !== '') tail = Buffer.concat([tail, piece.subarray(-TAIL)]).subarray(-TAIL);
      options.onFirst?.();
      yield piece;
    }
    const end = await program.ended;
    stop.throwIfAborted();
    for (const line of judgeEnd(file, end)) options.onSaid?.(line);
    if (head !== begins) throw short(file, 'begin', begins);
    if (!tail.toString('latin1').includes(ends)) throw short(file, 'end', ends);
  } catch (cause) {
    stop.throwIfAborted();
    throw notStarted(cause) ? failedToStart(file, cause) : cause;
  } finally {
    // Whoever stopped reading wants no more of it.
    program.kill();
    program.stdout.destroy();
    await Promise.allSettled([program.ended]);
  }
}

async function* piecesOf(stream: Readable): AsyncGenerator<Buffer> {
  for await (const piece of stream) if (Buffer.isBuffer(piece)) yield piece;
}

function short(file: string, where: 'begin' | 'end', expected: string): DumpFailedError {
  return new DumpFailedError(`${file} ended well, but what it wrote does not ${where} with "${expected}".`, {
    remedy: 'Run it by hand against the same server; look for a wrapper or another program of that name.',
  });
}

function notStarted(cause: unknown): boolean {
  return typeof cause === 'object' && cause !== null && 'syscall' in cause && String(cause.syscall).startsWith('spawn');
}

function failedToStart(file: string, cause: unknown): DumpFailedError {
  return new DumpFailedError(`${file} cannot be run: ${cause instanceof Error ? cause.message : cause}`, {
    remedy: 'See that it is executable for the user of the container, and that memory is left for it.',
    cause,
  });
}
