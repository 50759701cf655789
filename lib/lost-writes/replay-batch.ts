import type { ClientBase } from 'pg';
import { fenced, readFence } from '../journal/fence.ts';
import { endsSession, sqlState } from '../postgres/sql-state.ts';
import { ReplayNotPermittedError } from './errors.ts';
import type { Finding } from './finding.ts';
import { columnNames, onKey, readRows } from './rows.ts';
import { type Key, list, only, type SurveyedTable, typesOf } from './table.ts';
import { numbered, readText, type TextRow } from './text.ts';

export type Keyed = SurveyedTable & { key: Key };
/** A row that could not be given the content that it had, and why. */
export type Refused = { table: string; key: string[]; kind: Finding['kind']; reason: string };

/**
 * What every transaction that replays begins with: it share-locks the fence and compares, and it fires no trigger, since the triggers' own
 * work is among the rows.
 *
 * @throws FencedError, ReplayNotPermittedError
 */
export async function beginReplaying(client: ClientBase, token: number): Promise<void> {
  const { rows } = await client.query('select from carthub_db.fence where token = $1 for share', [token]);
  if (rows.length !== 1) throw fenced(token, await readFence(client));
  try {
    await client.query('set local session_replication_role = replica');
  } catch (cause) {
    if (sqlState(cause) !== '42501') throw cause;
    throw new ReplayNotPermittedError(
      'The role may not set session_replication_role, without which triggers fire again.',
      {
        remedy: 'Connect as the master user of the instance (rds_superuser).',
        cause,
      },
    );
  }
}

/** Takes away rows that are to be gone or to be written anew. What is not as it was found is refused. */
export async function removeRows(client: ClientBase, table: Keyed, findings: readonly Finding[]): Promise<Refused[]> {
  const now = await readRows(
    client,
    table,
    findings.map(({ key }) => key),
  );
  const refused: Refused[] = [];
  const keys = findings.flatMap((finding, at) => {
    const row = now.get(at) ?? null;
    if (row === null || (finding.kind === 'update' && isSame(row, finding.live))) return [];
    if (isSame(row, finding.copy)) return [finding.key];
    refused.push(refuse(finding, 'The copy has another row there than it had.'));
    return [];
  });
  await remove(client, table, keys);
  return refused;
}

async function remove(client: ClientBase, table: Keyed, keys: readonly string[][]): Promise<void> {
  if (keys.length === 0) return;
  const { key } = table;
  await readText(
    client,
    `delete from ${only(table)} t using ${numbered('k', typesOf(table, key.columns), keys.length)}
     where ${onKey(key)}`,
    keys.flat(),
  );
}

/** Writes rows and reads them back by key; what does not come out as it was is refused, and stays as the copy had it. */
export async function writeRows(client: ClientBase, table: Keyed, findings: readonly Finding[]): Promise<Refused[]> {
  const now = await readRows(
    client,
    table,
    findings.map(({ key }) => key),
  );
  const refused: Refused[] = [];
  const absent = findings.filter((finding, at) => {
    const row = now.get(at) ?? null;
    if (row !== null && !isSame(row, finding.live)) refused.push(refuse(finding, 'The copy has another row there.'));
    return row === null;
  });
  const failed = await attempt(client, () => insert(client, table, absent));
  if (failed === null) return refused;
  for (const finding of absent) {
    const reason = await attempt(client, () => insert(client, table, [finding]));
    if (reason === null) continue;
    const kept = finding.copy === null ? null : await attempt(client, () => put(client, table, [finding.copy ?? []]));
    refused.push(
      refuse(finding, kept === null ? reason : `${reason} What the copy had could not be put back: ${kept}`),
    );
  }
  return refused;
}

async function insert(client: ClientBase, table: Keyed, findings: readonly Finding[]): Promise<void> {
  await put(
    client,
    table,
    findings.map(({ live }) => live ?? []),
  );
  const back = await readRows(
    client,
    table,
    findings.map(({ key }) => key),
  );
  for (const [at, finding] of findings.entries()) {
    if (!isSame(back.get(at) ?? null, finding.live)) throw new DifferentError('It was read back with another content.');
  }
}

/** Identity columns keep the values that they had; generated ones are computed again. */
async function put(client: ClientBase, table: Keyed, rows: readonly TextRow[]): Promise<void> {
  if (rows.length === 0) return;
  const written = table.columns.filter(({ generated }) => !generated).map(({ name }) => name);
  const places = written.map((name) => columnNames(table).indexOf(name));
  await readText(
    client,
    `insert into ${only(table).slice('only '.length)} (${list(written)}) overriding system value
     select ${written.map((_, at) => `r.v${at + 1}`).join(', ')} from ${numbered('r', typesOf(table, written), rows.length)}`,
    rows.flatMap((row) => places.map((at) => row[at] ?? null)),
  );
}

class DifferentError extends Error {
  override readonly name = 'DifferentError';
}

/** Null when it went well, else why it did not; then nothing of it is there. */
async function attempt(client: ClientBase, work: () => Promise<void>): Promise<string | null> {
  await client.query('savepoint carthub_db_replay');
  try {
    await work();
    await client.query('release savepoint carthub_db_replay');
    return null;
  } catch (error) {
    if (!(error instanceof DifferentError) && endsSession(error)) throw error;
    await client.query('rollback to savepoint carthub_db_replay');
    return error instanceof Error ? error.message : String(error);
  }
}

function refuse({ table, key, kind }: Finding, reason: string): Refused {
  return { table, key, kind, reason };
}

function isSame(a: TextRow | null, b: TextRow | null): boolean {
  return a !== null && b !== null && a.length === b.length && a.every((value, at) => value === b[at]);
}
