import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

const LARGEST = 5 * 1024 * 1024;

/** A function's log: one file, and the one before it once it has grown to 5 MiB. */
export type FunctionLog = { write(requestId: string, text: string): void };

/** Opens the log at `file`. Lines begin with time and request id, as in CloudWatch. */
export function functionLog(file: string, now: () => Date): FunctionLog {
  mkdirSync(dirname(file), { recursive: true });
  let size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  return {
    write(requestId, text) {
      const head = `${now().toISOString()}\t${requestId}\t`;
      const lines = text
        .replace(/\n$/, '')
        .split('\n')
        .map((line) => `${head}${line}\n`)
        .join('');
      if (size > LARGEST) {
        renameSync(file, `${file}.1`);
        size = 0;
      }
      appendFileSync(file, lines);
      size += Buffer.byteLength(lines);
    },
  };
}
