import type { Finding, Tally } from './finding.ts';
import type { Touch } from './own-work.ts';
import type { LiveRow } from './rows.ts';
import type { SurveyedTable } from './table.ts';
import type { TextRow } from './text.ts';

export type Judged = { finding: Finding | null; counts: Partial<Record<CountName, number>> };
type CountName = 'foreignNew' | 'ownNew' | 'ownKept' | 'ownSet' | 'missing';

/**
 * What a row of both sides says. It takes no word from ids of before the restore point: a row that the copy has just so is not lost, whoever
 * wrote it when, and a snapshot's list of running transactions names no subtransactions.
 *
 * @param author  who wrote the live row
 * @param isYoung whether it was written since the restore point; else that is not known
 */
export function judge(options: {
  table: SurveyedTable;
  key: string[];
  live: LiveRow | null;
  copy: TextRow | null;
  author: 'others' | 'ours' | 'unclear';
  touch: Touch;
  isYoung: boolean;
}): Judged {
  const { table, key, live, copy, author, touch, isYoung } = options;
  const found = (kind: Finding['kind'], by: Finding['author']): Finding => ({
    ...{ table: table.label, key, kind, author: by },
    live: live?.values ?? null,
    copy,
    ...(live?.filled ? { filled: true } : {}),
  });
  if (live === null) {
    return copy === null ? NOTHING : { finding: found('delete', 'gone'), counts: { missing: 1 } };
  }
  if (copy === null) {
    if (author === 'ours' && !leavesShared(table, touch)) return { finding: null, counts: { ownNew: 1 } };
    return { finding: found('insert', author), counts: { foreignNew: 1 } };
  }
  const differing = differences(table, live.values, copy);
  switch (author) {
    case 'others':
      // What they wrote into a column that the copy has not got is nowhere else.
      return differing.length > 0 || (isYoung && table.altered !== null && (live.filled || !table.added))
        ? { finding: found('update', author), counts: {} }
        : NOTHING;
    case 'unclear':
      return differing.length > 0 ? { finding: found('update', author), counts: {} } : NOTHING;
    case 'ours': {
      const ours = differing.every((name) => touch.columns?.includes(name));
      if (ours) return { finding: null, counts: { ownKept: 1, ownSet: differing.length > 0 ? 1 : 0 } };
      return { finding: found('update', author), counts: { ownKept: 1 } };
    }
  }
}

/**
 * Whether our run did nothing but set columns that the copy has not got. Then what both have is the work of others alone, whoever wrote a
 * row last: it is there as they left it, and what is not there they removed.
 */
export function leavesShared(table: SurveyedTable, { inserted, deleted, updated, replaced, columns }: Touch): boolean {
  const isSame = replaced === 'no' || (replaced === 'if-refiled' && !table.refiled);
  if (!isSame || inserted !== 0 || deleted !== 0 || updated === 0 || table.side !== 'both') return false;
  return columns !== null && !table.columns.some(({ name }) => columns.includes(name));
}

const NOTHING: Judged = { finding: null, counts: {} };

/** The columns in which two rows differ. */
export function differences({ columns }: SurveyedTable, a: TextRow, b: TextRow): string[] {
  return columns.filter((_, at) => a[at] !== b[at]).map(({ name }) => name);
}

export function addCounts(tally: Tally, counts: Judged['counts']): Tally {
  const sum = { ...tally };
  for (const name of ['foreignNew', 'ownNew', 'ownKept', 'ownSet', 'missing'] as const) sum[name] += counts[name] ?? 0;
  return sum;
}
