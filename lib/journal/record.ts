import type { ClientBase } from 'pg';
import { CarthubError } from '../errors.ts';
import type { ReleaseFile } from '../migrations/release.ts';
import { fenced, readFence } from './fence.ts';
import type { Detail, JournalState, StepDetail, TransactionDetail } from './journal.ts';

/** The row of the journal that a transaction of ours began with is not there any more at its end. */
export class JournalRowGoneError extends CarthubError {
  override readonly name = 'JournalRowGoneError';

  constructor(id: string) {
    super(`The journal's row ${id}, with which this transaction began, is gone: what the file runs has deleted it.`, {
      remedy: 'Take out of the file, and of the functions that it calls, whatever writes in the schema carthub_db.',
    });
  }
}

/** Who writes: a run, and the token with which it holds the database. */
export type Author = { run: string; token: number };

export type Entry = {
  file: Pick<ReleaseFile, 'version' | 'file' | 'sha256'>;
  /** 0 for a whole file, else the number of the statement. */
  step: number;
  state: JournalState;
  detail?: Detail;
};

/** A row of the journal, and the transaction that wrote it. Ids of transactions are handed out anew in a restored copy: no key. */
export type Written = { id: string; xid: string };

/**
 * Writes a row of the journal, inside the transaction that is open, as its first statement: the same statement share-locks
 * the fence's row and compares the token, so that whoever raises it waits for this transaction's end, and a transaction
 * that begins later finds the greater one. Returns the row's id and the transaction's xid.
 *
 * @throws FencedError
 */
export async function writeEntry(client: ClientBase, author: Author, entry: Entry): Promise<Written> {
  const { file, step, state, detail } = entry;
  const { rows } = await client.query<Written>(
    `with mine as (select token from carthub_db.fence where token = $2 for share)
     insert into carthub_db.journal (run_id, token, version, file, sha256, step, state, detail)
     select $1, mine.token, $3, $4, $5, $6, $7, $8 from mine returning id::text, xid::text`,
    [
      ...[author.run, author.token, file.version, file.file, file.sha256, step, state],
      detail === undefined ? null : JSON.stringify(detail),
    ],
  );
  const [row] = rows;
  if (row) return row;
  throw fenced(author.token, await readFence(client));
}

/** Puts the file into the history, inside the transaction that is open. Returns the lower 32 bits of the id that wrote it. */
export async function writeHistory(
  client: ClientBase,
  { run }: Author,
  file: ReleaseFile,
  durationMs: number,
): Promise<string> {
  const { rows } = await client.query<{ xmin: string }>(
    `insert into carthub_db.schemaversion (version, name, md5, run_at, sha256, run_id, duration_ms)
     values ($1, $2, $3, clock_timestamp(), $4, $5, $6) returning xmin::text`,
    [file.version, file.name, file.md5, file.sha256, run, durationMs],
  );
  const [row] = rows;
  if (row) return row.xmin;
  throw new Error(`The history did not take version ${file.version}.`);
}

/** Writes the row once more, as it is. Returns the lower 32 bits of the id that wrote it: of a subtransaction, when one is open. */
export async function touchEntry(client: ClientBase, { id }: Written): Promise<string> {
  const { rows } = await client.query<{ xmin: string }>(
    'update carthub_db.journal set detail = detail where id = $1 returning xmin::text',
    [id],
  );
  const [row] = rows;
  if (row) return row.xmin;
  throw new JournalRowGoneError(id);
}

/** Adds what the transaction did to the row that it began with. */
export async function writeDetail(
  client: ClientBase,
  { id }: Written,
  detail: TransactionDetail | StepDetail,
): Promise<void> {
  const written = await client.query('update carthub_db.journal set detail = $2 where id = $1', [
    id,
    JSON.stringify(detail),
  ]);
  if (written.rowCount !== 1) throw new JournalRowGoneError(id);
}
