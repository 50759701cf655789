import type { LossDocument } from '../../lib/restore/loss-document.ts';
import { tableOf } from '../query/table.ts';
import type { AcceptedLoss } from './accept-loss.ts';

/** One shows what they look like; the others are read from their document. */
const SHOWN_CONFLICTS = 1;
const SHOWN_BESIDE = 5;
const WIDTH = 160;

/** Where the documents of a restore lie. */
export function documentsOf(bucket: string, run: string): string {
  return `s3://${bucket}/runs/${run}/restore`;
}

/**
 * What a restore would lose, as a person reads it who has minutes: by table first, then why, then what it looks like.
 *
 * @param documents where all of it lies
 */
export function lossLines(loss: LossDocument, documents: string): string[] {
  if (loss.nothing) return ['Nothing is lost, and that is proved.'];
  const { conflicts, notes } = loss;
  return [
    'Written since then, and not on the restored database, in rows:',
    ...tableLines(loss),
    ...doubtLines(loss),
    ...besides(loss).map((each) => `Besides: ${each}`),
    ...(conflicts.length === 0 ? [] : conflictLines(conflicts, documents)),
    ...notes.map((note) => `Note: ${note}`),
    ...(isKept(loss) ? [`Every one of these rows is kept: ${documents}/lost.jsonl`] : []),
  ];
}

/** What would be lost and is no row, as far as it can be read at a glance. */
export function besides({ beside }: LossDocument): string[] {
  const more = beside.length - SHOWN_BESIDE;
  return more > 0 ? [...beside.slice(0, SHOWN_BESIDE), `and ${more} more, in loss.json`] : beside;
}

/** Whether any row that would be lost is known, and so kept. */
export function isKept({ tables }: LossDocument): boolean {
  return tables.some(({ inserted, updated, deleted }) => inserted + updated + deleted > 0);
}

function tableLines({ tables }: LossDocument): string[] {
  const number = (name: string) => ({ name, isNumber: true });
  const columns = [
    { name: 'table', isNumber: false },
    ...['lost', 'made', 'changed', 'deleted', 'replayed'].map(number),
  ];
  const rows = tables.map(({ table, lost, inserted, updated, deleted, replayed }) => [
    table,
    lost === null ? '?' : `${lost}`,
    ...[inserted, updated, deleted, replayed].map(String),
  ]);
  return tableOf({ command: 'SELECT', rowCount: rows.length, columns, rows }).split('\n').slice(0, -1);
}

/** Each reason once, with the tables that it is true of. */
function doubtLines({ tables }: LossDocument): string[] {
  const doubts = Map.groupBy(
    tables.flatMap(({ table, doubts }) => doubts.map((doubt) => ({ table, doubt }))),
    ({ doubt }) => doubt,
  );
  if (doubts.size === 0) return [];
  return ['Not proved:', ...[...doubts].map(([doubt, of]) => `  ${of.map(({ table }) => table).join(', ')}: ${doubt}`)];
}

function conflictLines(conflicts: readonly string[], documents: string): string[] {
  const shown = conflicts.slice(0, SHOWN_CONFLICTS).flatMap((sql) => sql.split('\n').map((line) => `  ${cut(line)}`));
  const all = `${documents}/loss.json has all of them`;
  return conflicts.length <= SHOWN_CONFLICTS
    ? [`A row that is not guessed about, as SQL to look at and to run; ${documents}/loss.json has it whole:`, ...shown]
    : [
        `${conflicts.length} rows that are not guessed about, as SQL to look at and to run; ${all}. The first:`,
        ...shown,
      ];
}

function cut(line: string): string {
  return line.length > WIDTH ? `${line.slice(0, WIDTH)}...` : line;
}

/** What a person agrees to who agrees to this: the rows as they are counted, and all where nobody can count. */
export function exactly({ tables, beside }: LossDocument): AcceptedLoss {
  const counted = tables.flatMap(({ table, lost }) => (lost === null ? [] : [[table, lost] as const]));
  const lost = counted.filter(([, rows]) => rows > 0);
  if (beside.length > 0 || counted.length < tables.length || lost.length === 0) return 'all';
  return Object.fromEntries(lost);
}
