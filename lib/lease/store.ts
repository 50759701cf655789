import { ServiceUnavailableError } from '../aws/transient.ts';
import { type Documents, putDocument, readDocument } from '../documents/documents.ts';
import { keys } from '../runs/keys.ts';
import { type Lease, lease } from './lease.ts';

/** What a change decided: a new content, or that nothing is to be written. */
export type Decision<T> = { write: Lease | null; answer: T };

const TRIES = 8;

/**
 * Reads the lease, lets `decide` say what it should become, and writes that if nobody was faster; otherwise asks again with
 * the newer content. A put whose answer was lost is seen the same way: `decide` finds its own write in what it reads,
 * so it must take that for success.
 */
export async function changeLease<T>(
  documents: Documents,
  database: string,
  decide: (current: Lease) => Decision<T> | Promise<Decision<T>>,
): Promise<T> {
  const key = keys.lease(database);
  for (let tried = 0; tried < TRIES; tried += 1) {
    const stored = await readDocument(documents, key, lease);
    const current = stored?.value ?? {
      format: 1,
      database,
      token: 0,
      holder: null,
      run: null,
      restore: null,
      dirty: null,
    };
    const { write, answer } = await decide(current);
    if (write === null || (await putDocument(documents, key, write, stored?.etag ?? null))) return answer;
  }
  throw new ServiceUnavailableError(`The lease of ${database} changed ${TRIES} times while it was being changed.`, {
    remedy: 'Try again.',
  });
}

export async function readLease(documents: Documents, database: string): Promise<Lease | null> {
  return (await readDocument(documents, keys.lease(database), lease))?.value ?? null;
}
