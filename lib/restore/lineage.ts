import * as z from 'zod/mini';
import { ServiceUnavailableError } from '../aws/transient.ts';
import { type Documents, putDocument, readDocument } from '../documents/documents.ts';
import { keys } from '../runs/keys.ts';

const time = z.iso.datetime();

/** An instance that served the database, and when. */
export const served = z.object({
  resourceId: z.string(),
  /** What it was called then. */
  identifier: z.string(),
  from: time,
  /** Null for the one that serves now. */
  until: z.nullable(time),
  /** The restore that put it in place; null for the first one. */
  run: z.nullable(z.string()),
  /** How long that restore took, from its plan to the cutover's end. */
  seconds: z.nullable(z.number()),
});

/**
 * The instances that served the database one after the other, the newest last, in `instances/<database>.json`. A name goes
 * from one to the next, so the moment alone says whose logs it lies in. There is none before the first restore.
 */
export const lineage = z.array(served);

export type Served = z.infer<typeof served>;

export async function readLineage(documents: Documents, database: string): Promise<Served[]> {
  return (await readDocument(documents, keys.lineage(database), lineage))?.value ?? [];
}

/** The line with `serving` as its last: the one that serves now, whether or not it was written down. */
export function completed(line: Served[], serving: Pick<Served, 'resourceId' | 'identifier' | 'from'>): Served[] {
  if (line.at(-1)?.resourceId === serving.resourceId) return line;
  return [...line, { ...serving, until: null, run: null, seconds: null }];
}

/** Whose logs a moment lies in: the last that had begun to serve by then, else the first that is known of. */
export function servingAt(line: Served[], moment: Date): Served | null {
  return line.findLast(({ from }) => Date.parse(from) <= moment.getTime()) ?? line[0] ?? null;
}

/** The usual time of a restore: the median of the last five, in seconds. */
export function usualSeconds(line: Served[]): number | null {
  const known = line.flatMap(({ seconds }) => seconds ?? []).slice(-5);
  return known.toSorted((a, b) => a - b)[Math.floor(known.length / 2)] ?? null;
}

/** The line after `next` took over from `old` at `next.from`. Twice is the same as once. */
export function handedOver(
  line: Served[],
  old: Pick<Served, 'resourceId' | 'identifier' | 'from'>,
  next: Served,
): Served[] {
  const others = line.filter(({ resourceId }) => resourceId !== next.resourceId);
  return [
    ...completed(others, old).map((each) =>
      each.resourceId === old.resourceId ? { ...each, until: each.until ?? next.from } : each,
    ),
    next,
  ];
}

const TRIES = 8;

export async function changeLineage(
  documents: Documents,
  database: string,
  change: (line: Served[]) => Served[],
): Promise<void> {
  const key = keys.lineage(database);
  for (let tried = 0; tried < TRIES; tried += 1) {
    const stored = await readDocument(documents, key, lineage);
    const wanted = change(stored?.value ?? []);
    if (JSON.stringify(wanted) === JSON.stringify(stored?.value)) return;
    if (await putDocument(documents, key, wanted, stored?.etag ?? null)) return;
  }
  throw new ServiceUnavailableError(`${key} changed ${TRIES} times while it was being changed.`, {
    remedy: 'Try again.',
  });
}
