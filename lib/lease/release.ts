import type { Documents } from '../documents/documents.ts';
import type { DirtyMark } from './lease.ts';
import { lostLease } from './raise-token.ts';
import { changeLease } from './store.ts';

/**
 * Frees the lease; `dirty` stays on it as a mark, null takes a mark away, `'as it is'` leaves the one that is there.
 * The run stays named beside the mark, so that it can be assessed again. A lease that is already free is success.
 */
export function releaseLease(options: {
  documents: Documents;
  database: string;
  execution: string;
  dirty: DirtyMark | null | 'as it is';
}): Promise<void> {
  const { documents, database, execution, dirty } = options;
  return changeLease<void>(documents, database, (current) => {
    if (current.holder === null) return { write: null, answer: undefined };
    if (current.holder.execution !== execution) throw lostLease(current, execution);
    const mark = dirty === 'as it is' ? current.dirty : dirty;
    return {
      write: { ...current, holder: null, dirty: mark, run: mark === null ? null : current.run, restore: null },
      answer: undefined,
    };
  });
}
