import type { ClientBase } from 'pg';
import type { ReleaseFile } from '../migrations/release.ts';
import { fenced, readFence } from './fence.ts';
import type { JournalState, RefusedDetail, TransactionDetail } from './journal.ts';

/** Who writes: a run, and the token with which it holds the database. */
export type Author = { run: string; token: number };

export type Entry = {
  file: Pick<ReleaseFile, 'version' | 'file' | 'sha256'>;
  /** 0 for a whole file, else the number of the statement. */
  step: number;
  state: JournalState;
  detail?: TransactionDetail | RefusedDetail;
};

/**
 * Writes a row of the journal, inside the transaction that is open, as its first statement: the same statement share-locks
 * the fence's row and compares the token, so that whoever raises it waits for this transaction's end, and a transaction
 * that begins later finds the greater one. Returns the transaction's xid.
 *
 * @throws FencedError
 */
export async function writeEntry(client: ClientBase, author: Author, entry: Entry): Promise<string> {
  const { file, step, state, detail } = entry;
  const { rows } = await client.query<{ xid: string }>(
    `with mine as (select token from carthub_db.fence where token = $2 for share)
     insert into carthub_db.journal (run_id, token, version, file, sha256, step, state, detail)
     select $1, mine.token, $3, $4, $5, $6, $7, $8 from mine returning xid::text`,
    [
      ...[author.run, author.token, file.version, file.file, file.sha256, step, state],
      detail === undefined ? null : JSON.stringify(detail),
    ],
  );
  const [row] = rows;
  if (row) return row.xid;
  throw fenced(author.token, await readFence(client));
}

/** Puts the file into the history, inside the transaction that is open. */
export async function writeHistory(
  client: ClientBase,
  { run }: Author,
  file: ReleaseFile,
  durationMs: number,
): Promise<void> {
  await client.query(
    `insert into carthub_db.schemaversion (version, name, md5, run_at, sha256, run_id, duration_ms)
     values ($1, $2, $3, clock_timestamp(), $4, $5, $6)`,
    [file.version, file.name, file.md5, file.sha256, run, durationMs],
  );
}

/** Adds what the transaction did to the row that it began with. */
export async function writeDetail(client: ClientBase, xid: string, detail: TransactionDetail): Promise<void> {
  const written = await client.query('update carthub_db.journal set detail = $2 where xid = $1::xid8', [
    xid,
    JSON.stringify(detail),
  ]);
  if (written.rowCount !== 1) throw new Error(`The journal's row of transaction ${xid} is gone.`);
}
