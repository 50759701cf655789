import * as z from 'zod/mini';
import { changesOf, isAtomic, type JournalRow, type TransactionDetail } from '../journal/journal.ts';
import { xid } from '../postgres/columns.ts';
import type { StatementFacts } from './facts.ts';
import { type Reach, reachOf, surroundingsOf, type TableEffect, tablesAltered } from './reach.ts';
import type { SideEffects } from './side-effects.ts';

const count = z.nullable(z.int());

/** What our run may have done to a table; null where nobody counted. */
const touch = z.object({
  inserted: count,
  updated: count,
  deleted: count,
  /** Truncated, rewritten or dropped: surely, or if the table has another file now. */
  replaced: z.enum(['no', 'if-refiled', 'yes']),
  /** The columns that our updates set; null when that is not known. */
  columns: z.nullable(z.array(z.string())),
});

/** What our run did, as far as its journal and its files tell. */
export const ownWork = z.object({
  /** Transactions that are ours. */
  xids: z.array(xid),
  /**
   * Ids between which transactions of ours have ids that nobody wrote down: those of single statements, and of
   * subtransactions. `below` null: no end is known. `tables` null: they may have written anywhere.
   */
  ranges: z.array(z.object({ from: xid, below: z.nullable(xid), tables: z.nullable(z.array(z.string())) })),
  /** The same of single statements that make or alter these tables: their catalog rows carry such an id. */
  altering: z.array(z.object({ from: xid, below: z.nullable(xid), tables: z.array(z.string()) })),
  /** By table. */
  touched: z.record(z.string(), touch),
  /** Whether a part of it may have touched any table. */
  anything: z.boolean(),
  /** Why that is not known, or why ids are not: what to tell a person. */
  why: z._default(z.array(z.string()), []),
});

export type OwnWork = z.infer<typeof ownWork>;
export type Touch = z.infer<typeof touch>;

export const UNTOUCHED: Touch = { inserted: 0, updated: 0, deleted: 0, replaced: 'no', columns: [] };
const UNKNOWN: Touch = { inserted: null, updated: null, deleted: null, replaced: 'if-refiled', columns: null };

/** What our run may have done to this table. */
export function touchOf(work: OwnWork, table: string): Touch {
  return work.anything ? UNKNOWN : (work.touched[table] ?? UNTOUCHED);
}

/**
 * Puts together what the run may have done to whose rows.
 *
 * @param journal the run's rows, in order
 * @param facts   by the SHA-256 of the file, what its text tells; a file that is not here may have done anything
 * @param next    the next id when the run's sessions were gone: a statement of whose end there is no word worked up to there
 */
export function describeOwnWork(options: {
  journal: readonly JournalRow[];
  facts: ReadonlyMap<string, readonly StatementFacts[]>;
  sideEffects: SideEffects;
  next?: string | null;
}): OwnWork {
  const { journal, facts, sideEffects, next = null } = options;
  const work: OwnWork = { xids: [], ranges: [], altering: [], touched: {}, anything: false, why: [] };
  const run = [...new Set(journal.map(({ sha256 }) => sha256))].flatMap((sha256) => [facts.get(sha256) ?? []]);
  const surroundings = surroundingsOf([...facts.values()], run, sideEffects);
  const reach = (statements: readonly (StatementFacts | undefined)[] | null): Reach => {
    const known = statements?.flatMap((one) => one ?? []) ?? [];
    if (statements === null || known.length < statements.length)
      return { unknown: 'what it does was not written down' };
    return reachOf(known, surroundings);
  };
  for (const [at, row] of journal.entries()) {
    work.xids.push(row.xid);
    const statements = facts.get(row.sha256) ?? null;
    if (row.state === 'transaction' && row.step === 0) {
      addTransaction(work, row, next, reach(statements));
    } else if (row.state === 'done' && changesOf(row) !== null) {
      addTransaction(work, row, next, reach([statements?.[row.step - 1]]));
    } else if (row.state === 'intent' && !isAtomic(row)) {
      const end = journal.slice(at + 1).find((later) => later.version === row.version && later.step === row.step);
      const statement = statements?.[row.step - 1];
      if (statement) {
        const tables = tablesAltered([statement], sideEffects);
        if (tables.length > 0) work.altering.push({ from: after(row.xid), below: end?.xid ?? next, tables });
      }
      addStatement(work, row, { below: end?.xid ?? next, end: end ?? null, reached: reach([statement]) });
    }
  }
  return { ...work, why: [...new Set(work.why)] };
}

function addTransaction(work: OwnWork, row: JournalRow, next: string | null, reached: Reach): void {
  const detail = changesOf(row);
  if (detail === null || detail.tables === null) {
    // Nothing of a file without rows of its own to count is in the history: it wrote its journal's row and that is all.
    if ('tables' in reached && reached.tables.length === 0) return;
    work.anything = true;
    work.why.push(`what ${row.file} wrote was not counted`);
    work.ranges.push({ from: after(row.xid), below: next, tables: null });
    return;
  }
  addCounts(work, detail, 'tables' in reached ? reached.tables : null);
  for (const { from, below } of detail.subtransactions)
    work.ranges.push({ from, below, tables: Object.keys(detail.tables) });
}

function addCounts(
  work: OwnWork,
  { tables, rewritten, dropped }: TransactionDetail,
  effects: TableEffect[] | null,
): void {
  for (const [table, { inserted, updated, deleted }] of Object.entries(tables ?? {})) {
    add(work, table, {
      inserted,
      updated,
      deleted,
      replaced: 'no',
      columns: updated > 0 ? columnsSet(effects, table) : [],
    });
  }
  for (const table of [...rewritten, ...dropped]) add(work, table, { ...UNTOUCHED, replaced: 'yes' });
}

/** A statement outside a transaction of ours: between its intent and its end it had an id that the journal does not know. */
function addStatement(
  work: OwnWork,
  { xid, file, step }: JournalRow,
  { below, end, reached }: { below: string | null; end: JournalRow | null; reached: Reach },
): void {
  const detail = end?.detail ?? null;
  if (end?.state === 'refused' && detail !== null && 'mayHaveCommitted' in detail && !detail.mayHaveCommitted) return;
  const from = after(xid);
  if ('unknown' in reached) {
    work.anything = true;
    work.why.push(`statement ${step} of ${file} may have written anywhere: ${reached.unknown}`);
    work.ranges.push({ from, below, tables: null });
    return;
  }
  const written = reached.tables.filter(({ touch }) => touch.replaced === 'no');
  if (written.length > 0) {
    work.why.push(`statement ${step} of ${file} commits by itself, under ids that nothing names`);
    work.ranges.push({ from, below, tables: [...new Set(written.map(({ table }) => table))] });
  }
  for (const { table, touch } of reached.tables) add(work, table, touch);
}

function columnsSet(effects: TableEffect[] | null, table: string): string[] | null {
  const updates = effects?.filter((one) => one.table === table && one.touch.updated !== 0) ?? [];
  // The server counted updates that the text does not show: somebody else's code made them.
  if (updates.length === 0) return null;
  return updates.reduce<string[] | null>((all, { touch }) => union(all, touch.columns), []);
}

function add(work: OwnWork, table: string, more: Touch): void {
  const had = work.touched[table] ?? UNTOUCHED;
  const sum = (a: number | null, b: number | null) => (a === null || b === null ? null : a + b);
  work.touched[table] = {
    inserted: sum(had.inserted, more.inserted),
    updated: sum(had.updated, more.updated),
    deleted: sum(had.deleted, more.deleted),
    replaced:
      [had.replaced, more.replaced].find((one) => one === 'yes') ??
      (had.replaced === 'no' ? more.replaced : had.replaced),
    columns: union(had.columns, more.columns),
  };
}

function union(a: readonly string[] | null, b: readonly string[] | null): string[] | null {
  return a === null || b === null ? null : [...new Set([...a, ...b])];
}

function after(xid: string): string {
  return `${BigInt(xid) + 1n}`;
}
