import type { Documents } from '../documents/documents.ts';
import { LeaseLostError } from './errors.ts';
import type { Lease } from './lease.ts';
import { changeLease } from './store.ts';

/**
 * A new token for the holder, when its root stops trusting its own Job: whatever carries the old one commits nothing more.
 *
 * @param above a token that the new one has to be greater than: that of a database which was copied from another stack, whose
 *   fence would shut this one out
 */
export function raiseToken(options: {
  documents: Documents;
  database: string;
  execution: string;
  above?: number | null;
}): Promise<{ token: number }> {
  const { documents, database, execution, above = null } = options;
  return changeLease<{ token: number }>(documents, database, (current) => {
    if (current.holder?.execution !== execution) throw lostLease(current, execution);
    const token = Math.max(current.token, above ?? 0) + 1;
    return { write: { ...current, token }, answer: { token } };
  });
}

export function lostLease(current: Lease, execution: string): LeaseLostError {
  const now = current.holder === null ? 'nobody' : current.holder.execution;
  return new LeaseLostError(`The lease of ${current.database} is not held by ${execution}; it is held by ${now}.`, {
    remedy: 'This run was taken over; its outcome is in runs/<id>.json. Start a new one.',
  });
}
