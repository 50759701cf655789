import type { Readable, Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { redact } from '../postgres/redact.ts';
import { countCopyRows, type DecodedDump } from './copy-rows.ts';
import { startProgram } from './program.ts';
import type { Tools } from './tools.ts';
import type { Decode } from './verify.ts';

/** Decodes by pg_restore, which makes the whole script of it; the script is counted and dropped as it comes. */
export function pgRestoreDecoder(tools: Tools, env: Record<string, string>, stop: AbortSignal): Decode {
  return async (dump) => {
    const program = startProgram({ file: tools.restore, args: ['--file=-'], env, stop });
    const counter = countCopyRows();
    try {
      const [fed, , end] = await Promise.all([
        feed(dump, program.stdin),
        drain(program.stdout, counter.write),
        program.ended,
      ]);
      stop.throwIfAborted();
      const said = end.said.slice(0, 5).join('; ');
      if (end.signal !== null) return { broken: `pg_restore was ended by ${end.signal}` };
      if (end.code !== 0 || end.said.length > 0)
        return { broken: redact(said || `pg_restore ended with exit code ${end.code}`) };
      if (!fed) return { broken: 'pg_restore did not read it to its end' };
      const decoded: DecodedDump = counter.end();
      return decoded;
    } finally {
      program.kill();
      await Promise.allSettled([program.ended]);
    }
  };
}

/** False when the program closed its input before the end. What stops the source is thrown. */
export async function feed(source: AsyncIterable<Buffer>, stdin: Writable): Promise<boolean> {
  const closed = finished(stdin, { readable: false }).then(
    () => true,
    () => false,
  );
  // Not `for await`: whoever gives up reading leaves the rest to its owner.
  const pieces = source[Symbol.asyncIterator]();
  try {
    for (let next = await pieces.next(); !next.done; next = await pieces.next()) {
      if (stdin.destroyed) return false;
      if (stdin.write(next.value)) continue;
      if (!(await Promise.race([drained(stdin).then(() => true), closed]))) return false;
    }
    stdin.end();
  } catch (error) {
    stdin.destroy();
    throw error;
  }
  return closed;
}

function drained(stdin: Writable): Promise<void> {
  return new Promise((resolve) => stdin.once('drain', resolve));
}

async function drain(stdout: Readable, take: (piece: Buffer) => void): Promise<void> {
  for await (const piece of stdout) if (Buffer.isBuffer(piece)) take(piece);
}
