import type { CutoverJournal } from '../../lib/restore/cutover-journal.ts';
import type { FreezeDocument } from '../../lib/restore/freeze-document.ts';
import type { LossDocument } from '../../lib/restore/loss-document.ts';
import type { RestorePlan } from '../../lib/restore/plan.ts';

/** The plan of a restore of the database carthub to the beginning of 2026. */
export function planOf(run: string, changes: Partial<RestorePlan> = {}): RestorePlan {
  return {
    ...{ format: 1, run, database: 'carthub', order: { to: 'run', run } },
    target: { time: '2026-01-01T00:00:00Z', snapshot: null, savedSnapshot: '700:700:' },
    source: { resourceId: 'db-OLD', identifier: 'carthub-db', groups: ['sg-application'] },
    copy: { identifier: 'carthub-db-restored-abc123' },
    retired: { identifier: 'carthub-db-retired-20260101001000' },
    expected: { version: 1, history: 1, digest: 'd1' },
    window: { earliest: '2025-12-01T00:00:00Z', latest: '2026-01-01T00:05:00Z' },
    ...{ expectedSeconds: null, follows: [], notes: [], madeAt: '2026-01-01T00:05:00Z', digest: 'd' },
    ...changes,
  };
}

/** Its freeze, at ten past. */
export function freezeOf(run: string, changes: Partial<FreezeDocument> = {}): FreezeDocument {
  return {
    ...{ format: 1, run, since: '2026-01-01T00:10:00.000Z', until: '2026-01-01T00:20:00.000Z' },
    ...{ resourceId: 'db-OLD', groups: ['sg-application'], listed: [], lifted: null, thawed: null },
    ...changes,
  };
}

/** Its cutover, as far as `steps` say. */
export function cutoverOf(run: string, steps: Partial<CutoverJournal['steps']>): CutoverJournal {
  return {
    ...{ format: 1, run, name: 'carthub-db', retired: 'carthub-db-retired-20260101001000', wasProtected: false },
    old: { resourceId: 'db-OLD', identifier: 'carthub-db' },
    copy: { resourceId: 'db-COPY', identifier: 'carthub-db-restored-abc123' },
    ...{ found: null, doing: null, reversed: null },
    steps: {
      ...{ fenced: null, opened: null, protected: null, renamedOld: null, renamedCopy: null, verified: null },
      ...{ admitted: null, retired: null },
      ...steps,
    },
  };
}

/** What it would lose, in rows by table. */
export function lossOf(run: string, rows: Record<string, number | null>): LossDocument {
  const counts = { replayed: 0, inserted: 0, updated: 0, deleted: 0, doubts: [] };
  return {
    ...{ format: 1, run, at: '2026-01-01T00:10:01.000Z', nothing: false },
    tables: Object.entries(rows).map(([table, lost]) => ({ ...counts, table, lost })),
    ...{ beside: [], conflicts: ['select 1'], notes: [], waitsUntil: null },
  };
}
