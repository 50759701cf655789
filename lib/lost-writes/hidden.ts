import type { Finding, Tally } from './finding.ts';
import type { Touch } from './own-work.ts';
import type { SurveyedTable } from './table.ts';
import type { Counts } from './write-counts.ts';

/**
 * Whether rows of our run may lie over what others had written before: why, or null when they surely do not.
 *
 * Of a row that carries our id nothing tells who had written it before: others may have set a column that our statement set again, removed a
 * row whose key our run used again, or made one that it then changed. Only the server's own counts of the whole table tell that
 * nobody did. They must come out for each kind of change: every row that others are known to have made, changed or removed was written once, and
 * there is nothing left over. Two that balance each other are not possible, because whatever has no row of its own (a second change, a
 * rollback, a key that changed) makes one of the three sums too large, and none too small.
 */
export function hidden(evidence: {
  table: SurveyedTable;
  tally: Tally;
  touch: Touch;
  found: readonly Finding[];
  counted: Counts | null;
}): string | null {
  const { table, found, counted } = evidence;
  if (!mayHide(evidence)) return null;
  const why = 'The run wrote over rows of it, and what others may have written there before is not known';
  if (counted === null) return `${why}: how many rows they wrote was not counted.`;
  if (table.refiled) return `${why}: it was truncated or rewritten meanwhile.`;
  const known = (kind: Finding['kind']) => found.filter((one) => one.kind === kind && one.author !== 'ours').length;
  const rest = {
    inserted: counted.inserted - known('insert'),
    updated: counted.updated - known('update'),
    deleted: counted.deleted - known('delete'),
  };
  if (rest.inserted === 0 && rest.updated === 0 && rest.deleted === 0) return null;
  const { inserted, updated, deleted } = counted;
  return `${why}: besides the run's own work the server counted ${inserted} inserted, ${updated} updated and ${deleted} deleted rows, and of these ${known('insert')}, ${known('update')} and ${known('delete')} are there to be seen.`;
}

/** Own rows that the copy has, too: of columns that both have, or under a key used again; and such as it lacks, made by whomever. */
function mayHide({ table, tally, touch }: { table: SurveyedTable; tally: Tally; touch: Touch }): boolean {
  const { columns, inserted, updated } = touch;
  const setsShared = columns === null || table.columns.some(({ name }) => columns.includes(name));
  return (tally.ownKept > 0 && (setsShared || inserted !== 0)) || (tally.ownNew > 0 && updated !== 0);
}
