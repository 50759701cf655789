import type { LossDocument } from '../../lib/restore/loss-document.ts';
import { tableOf } from '../query/table.ts';
import type { AcceptedLoss } from './accept-loss.ts';

const SHOWN_CONFLICTS = 5;

/** What a restore would lose, as a person reads it. */
export function lossLines(loss: LossDocument): string[] {
  if (loss.nothing) return ['Nothing is lost, and that is proved.'];
  const number = (name: string) => ({ name, isNumber: true });
  const columns = [
    { name: 'table', isNumber: false },
    ...['lost', 'made', 'changed', 'deleted', 'replayed'].map(number),
  ];
  const rows = loss.tables.map(({ table, lost, inserted, updated, deleted, replayed }) => [
    table,
    lost === null ? '?' : `${lost}`,
    ...[inserted, updated, deleted, replayed].map(String),
  ]);
  const doubts = loss.tables.flatMap(({ table, doubts }) => doubts.map((doubt) => `  ${table}: ${doubt}`));
  const more = loss.conflicts.length - SHOWN_CONFLICTS;
  return [
    'What others wrote since then and the restored database would not have, in rows:',
    ...tableOf({ command: 'SELECT', rowCount: rows.length, columns, rows }).split('\n').slice(0, -1),
    ...(doubts.length === 0 ? [] : ['Not proved:', ...doubts]),
    ...loss.beside.map((each) => `Besides: ${each}`),
    ...(loss.conflicts.length === 0 ? [] : ['As SQL, for a person to look at and run:']),
    ...loss.conflicts.slice(0, SHOWN_CONFLICTS).flatMap((sql) => sql.split('\n').map((line) => `  ${line}`)),
    ...(more > 0 ? [`  and ${more} more, in runs/${loss.run}/restore/loss.json`] : []),
    ...loss.notes.map((note) => `Note: ${note}`),
    `All of these rows are kept: runs/${loss.run}/restore/lost.jsonl in the bucket.`,
  ];
}

/** What a person agrees to who agrees to this: the rows as they are counted, and all where nobody can count. */
export function exactly({ tables, beside }: LossDocument): AcceptedLoss {
  const counted = tables.flatMap(({ table, lost }) => (lost === null ? [] : [[table, lost] as const]));
  const lost = counted.filter(([, rows]) => rows > 0);
  if (beside.length > 0 || counted.length < tables.length || lost.length === 0) return 'all';
  return Object.fromEntries(lost);
}
