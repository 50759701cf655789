import type { Classification, TableVerdict } from '../lost-writes/classify.ts';
import { conflictSql } from '../lost-writes/conflict-sql.ts';
import type { Finding } from '../lost-writes/finding.ts';
import type { Survey } from '../lost-writes/table.ts';
import type { Acceptance } from './acceptance.ts';
import type { LossDocument } from './loss-document.ts';
import type { RestoreOptions, RestoreOrder } from './order.ts';

/** More are in the rows that are kept, and not in the report. */
const MOST_CONFLICTS = 500;

/**
 * Whether what others wrote since is given to the copy. Where a database goes back to before a run, only the run is to be undone; the latest
 * moment is to lose nothing at all. Who names a moment or a snapshot wants what came after it gone.
 */
export function replays(order: RestoreOrder): boolean {
  return order.to === 'run' || order.to === 'latest';
}

export type Loss = Pick<LossDocument, 'nothing' | 'tables' | 'beside' | 'conflicts' | 'notes'> & {
  /** Rows of others that the copy does not get. */
  lost: Finding[];
};

/** What a restore would lose, by what was found. */
export function lossOf(
  { proved, tables, replayable, conflicts, beside, notes }: Classification,
  options: {
    survey: Survey;
    order: RestoreOrder;
  },
): Loss {
  const isReplayed = replays(options.order);
  const lost = [...conflicts.map(({ finding }) => finding), ...(isReplayed ? [] : replayable)];
  const byTable = Map.groupBy(lost, ({ table }) => table);
  const kept = Map.groupBy(isReplayed ? replayable : [], ({ table }) => table);
  const found = tables.map((verdict) =>
    tableLoss(verdict, { lost: byTable.get(verdict.table) ?? [], replayed: kept.get(verdict.table)?.length ?? 0 }),
  );
  const surveyed = new Map(options.survey.tables.map((table) => [table.label, table]));
  const tellable = (isReplayed ? conflicts : []).filter(({ finding }) => surveyed.get(finding.table)?.side === 'both');
  const shown = tellable.slice(0, MOST_CONFLICTS).flatMap((conflict) => {
    const table = surveyed.get(conflict.finding.table);
    return table === undefined ? [] : [conflictSql(table, conflict)];
  });
  const more = tellable.length - MOST_CONFLICTS;
  return {
    nothing: isReplayed ? proved : tables.length === 0 && beside.length === 0,
    ...{ tables: found, beside: beside.map(({ text }) => text), conflicts: shown },
    notes: [...notes, ...(more > 0 ? [`${more} conflicts more are among the rows that are kept.`] : [])],
    lost,
  };
}

function tableLoss(
  { table, counted, doubts }: TableVerdict,
  { lost, replayed }: { lost: readonly Finding[]; replayed: number },
): LossDocument['tables'][number] {
  const count = (kind: Finding['kind']) => lost.filter((one) => one.kind === kind).length;
  return {
    ...{ table, replayed, lost: counted ? lost.length : null, doubts: doubts.map(({ text }) => text) },
    ...{ inserted: count('insert'), updated: count('update'), deleted: count('delete') },
  };
}

/** What may be lost: by the order with which the restore began, or by a later word. */
export type Accepted = RestoreOptions['acceptLoss'] | Acceptance['tables'];

/**
 * Whether the restore may go on: `replay` when nothing is lost and that is proved, `accepted` when what is lost was agreed to, `refused` when somebody
 * said no, else `wait`. Rows that nobody can count, and what is no row, only `all` covers.
 */
export function judgeLoss({
  loss,
  accept,
}: {
  loss: Pick<LossDocument, 'nothing' | 'tables' | 'beside'>;
  accept: Accepted;
}): 'replay' | 'accepted' | 'refused' | 'wait' {
  if (loss.nothing) return 'replay';
  if (accept === 'none') return 'refused';
  if (accept === 'all') return 'accepted';
  if (accept === null || loss.beside.length > 0) return 'wait';
  const isCovered = loss.tables.every(
    ({ table, lost }) =>
      lost === 0 || (lost !== null && lost <= (accept[table] ?? accept[table.replace(/^public\./, '')] ?? 0)),
  );
  return isCovered ? 'accepted' : 'wait';
}
