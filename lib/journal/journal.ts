import type { ClientBase } from 'pg';
import * as z from 'zod/mini';
import { bigint, xid } from '../postgres/columns.ts';

const counts = z.object({ inserted: z.int(), updated: z.int(), deleted: z.int() });

/** What a whole file did, measured by its own transaction just before it committed. Tables are `schema.table`, quoted where SQL asks for it. */
const transactionDetail = z.object({
  /** Rows that it changed, by table; tables that it left alone are not here. null: the server does not count (track_counts). */
  tables: z.nullable(z.record(z.string(), counts)),
  /** Tables that had rows to lose and got a new file: truncated, or rewritten with every row under our xid. */
  rewritten: z.array(z.string()),
  /** Tables that were there at its beginning and are not any more. */
  dropped: z.array(z.string()),
  /** In which its subtransactions have their ids, as far as those can be told from others'. Empty when it had none. */
  subtransactions: z._default(z.array(z.object({ from: z.string(), below: z.string() })), []),
});

/** The same of one statement of a file that runs statement by statement, where it ran in a transaction of its own together with this row. */
const stepDetail = z.object({ ...transactionDetail.shape, statement: z.string() });

/** How a statement outside a transaction ended, when the server reported an error. */
const refusedDetail = z.object({
  sqlState: z.nullable(z.string()),
  /** CALL and DO may commit on their way: part of it may be there. */
  mayHaveCommitted: z.boolean(),
  /** Indexes that it left INVALID and that the runner has dropped. */
  droppedIndexes: z.array(z.string()),
});

/** A person's word about a statement of which nobody knows how it ended. */
const acceptedDetail = z.object({
  statement: z.nullable(z.string()),
  /** Whether it runs again; else it counts as done. */
  again: z.boolean(),
});

/** Which statement it is: the SHA-256 of its text. */
const statementDetail = z.object({
  statement: z.string(),
  /** Of an intent: it runs in one transaction with the row that says `done`, so that without that row nothing of it is committed. */
  atomic: z.optional(z.boolean()),
});

const journalRow = z.object({
  id: bigint,
  run_id: z.string(),
  token: bigint,
  version: bigint,
  file: z.string(),
  sha256: z.string(),
  step: z.int(),
  state: z.enum(['transaction', 'intent', 'done', 'refused', 'accepted']),
  xid,
  at: z.date(),
  detail: z.nullable(z.union([stepDetail, transactionDetail, refusedDetail, acceptedDetail, statementDetail])),
});

export type TransactionDetail = z.infer<typeof transactionDetail>;
export type StepDetail = z.infer<typeof stepDetail>;
export type RefusedDetail = z.infer<typeof refusedDetail>;
export type AcceptedDetail = z.infer<typeof acceptedDetail>;
export type Detail = TransactionDetail | StepDetail | RefusedDetail | AcceptedDetail | z.infer<typeof statementDetail>;
export type JournalState = z.infer<typeof journalRow>['state'];

/** One fact that the runner committed about itself; `carthub_db.journal` says what each column means. */
export type JournalRow = {
  id: number;
  runId: string;
  token: number;
  version: number;
  file: string;
  sha256: string;
  step: number;
  state: JournalState;
  xid: string;
  at: Date;
  detail: Detail | null;
};

/** Whether this intent is of a statement that is committed together with its `done`, or not at all. */
export function isAtomic({ state, detail }: JournalRow): boolean {
  return state === 'intent' && detail !== null && 'atomic' in detail && detail.atomic === true;
}

/** What this row's own transaction did to tables; null where it only notes something, or nobody counted. */
export function changesOf({ state, detail }: JournalRow): TransactionDetail | null {
  if (state !== 'transaction' && state !== 'done') return null;
  return detail !== null && 'tables' in detail ? detail : null;
}

/** What the run committed, in the order in which it did; nothing when our tables are not there. Changes nothing. */
export async function readJournal(client: ClientBase, run: string): Promise<JournalRow[]> {
  return read(client, 'run_id = $1', [run]);
}

/** What all runs committed statement by statement of files that are not whole, in order. Changes nothing. */
export async function readOpenSteps(client: ClientBase): Promise<JournalRow[]> {
  const isWhole = 'exists (select from carthub_db.schemaversion whole where whole.version = journal.version)';
  return read(client, `step > 0 and not ${isWhole}`, []);
}

/** What this database's journal has after the last row of the other's, which was recovered to an earlier moment of it. Changes nothing. */
export async function readJournalSince(client: ClientBase, earlier: ClientBase): Promise<JournalRow[]> {
  const last = (await read(earlier, 'id = (select max(id) from carthub_db.journal)', []))[0]?.id ?? 0;
  return read(client, 'id > $1', [last]);
}

async function read(client: ClientBase, where: string, values: unknown[]): Promise<JournalRow[]> {
  const { rows: there } = await client.query(`select to_regclass('carthub_db.journal') as journal`);
  if (there[0]?.journal === null) return [];
  const { rows } = await client.query(
    `select id, run_id, token, version, file, sha256, step, state, xid::text, at, detail
     from carthub_db.journal where ${where} order by id`,
    values,
  );
  return rows.map((row) => {
    const { run_id, ...rest } = journalRow.parse(row);
    return { ...rest, runId: run_id };
  });
}
