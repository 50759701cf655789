import { writeFile } from 'node:fs/promises';
import { type Fault, toFault } from '../lib/errors.ts';
import { FencedError } from '../lib/journal/fence.ts';
import type { Verdict } from '../lib/runs/verdict.ts';
import type { Progress } from './migrate.ts';

/** Kubernetes keeps this much of the termination message, and a JSON text that is cut is none. */
const LONGEST = 4096;

/** What the run says of itself: `error` is null when everything is applied. */
export function judge(run: string, progress: Progress, error: unknown): Verdict {
  const { before, after, files } = progress;
  return {
    format: 1,
    run,
    result: error === null ? 'applied' : error instanceof FencedError ? 'fenced' : 'failed',
    version: { before, after },
    files,
    error: error === null ? null : toFault(error),
  };
}

/** The verdict in at most 4,096 bytes: first files go, the oldest first, then the end of the message. */
export function compact(verdict: Verdict): string {
  const size = (value: Verdict) => Buffer.byteLength(JSON.stringify(value));
  let small = verdict;
  if (size(small) > LONGEST) small = { ...small, error: small.error && shorten(small.error, 1_200) };
  const files = [...small.files];
  while (size(small) > LONGEST && files.length > 0) {
    files.splice(0, Math.ceil(files.length / 8));
    small = { ...small, files: [...files] };
  }
  for (let left = 600; size(small) > LONGEST && left > 0; left -= 200) {
    small = { ...small, error: small.error && shorten(small.error, left) };
  }
  return JSON.stringify(small);
}

/** Writes where Kubernetes reads it. */
export async function writeVerdict(path: string, verdict: Verdict): Promise<void> {
  await writeFile(path, compact(verdict));
}

function shorten(fault: Fault, length: number): Fault {
  const cut = (text: string) => (text.length > length ? `${text.slice(0, length)}...` : text);
  const { place } = fault;
  return {
    name: fault.name,
    message: cut(fault.message),
    remedy: fault.remedy && cut(fault.remedy),
    place: place && { ...place, caret: place.caret && place.caret.length > 400 ? null : place.caret },
  };
}
