import { Readable } from 'node:stream';
import type { Client } from 'pg';
import { breakConnection } from '../postgres/connect.ts';
import type { BackupOptions } from './back-up.ts';
import { dumpStream } from './dump-stream.ts';
import { type Facts, readFacts } from './facts.ts';
import { backupKeys } from './keys.ts';
import type { TableRows } from './manifest.ts';
import type { ObjectStore } from './object-store.ts';
import { tellRate } from './progress.ts';
import { createS3Store } from './s3-store.ts';
import { type ExportedSnapshot, exportSnapshot } from './snapshot.ts';
import { countRows } from './tables.ts';
import type { Tools } from './tools.ts';
import { type Uploaded, uploadStream } from './upload.ts';

/** What the parts of a dump work with. `env` is how the programs reach the database. */
export type DumpContext = { client: Client; options: BackupOptions; tools: Tools; env: Record<string, string> };

export type Dumped = {
  snapshot: ExportedSnapshot;
  facts: Facts;
  tables: TableRows[];
  dump: Uploaded;
  schema: Uploaded;
};

/** The roles, without their passwords, which no role on RDS may read. */
export function dumpGlobals({ options, tools, env }: DumpContext): Promise<Uploaded> {
  const args = ['--globals-only', '--no-role-passwords', `--lock-wait-timeout=${options.lockWaitMs}`, '--no-password'];
  const { stop, id, run } = options;
  const ends = 'PostgreSQL database cluster dump complete';
  return upload(options, stop, () => backupKeys.globals(id, run), { file: tools.dumpAll, args, env, stop, ends });
}

/**
 * The dump of the database, and beside it the count of its rows, both in one view of it.
 *
 * @throws what fails first of the two; the other one is ended then
 */
export async function dumpDatabase(context: DumpContext): Promise<Dumped> {
  const { client, options } = context;
  const snapshot = await exportSnapshot(client, options.idleMs ?? options.lockWaitMs + IDLE_MS);
  const { at, lsn, locked, tables } = snapshot;
  options.log('info', 'snapshot', { snapshotAt: at, lsn, tables: tables.length, locked });
  const failed = new AbortController();
  const stop = AbortSignal.any([options.stop, failed.signal]);
  const begun = Promise.withResolvers<void>();
  const dumping = uploadDump(context, snapshot, stop, begun.resolve);
  // Not before the dump holds its locks: what comes first is all that it waits for.
  const started = Promise.race([begun.promise, dumping]);
  const counting = readAndCount(context, snapshot, started, stop);
  for (const one of [dumping, started, counting]) one.catch((error: unknown) => failed.abort(error));
  const [dump, counted] = await Promise.allSettled([dumping, counting]);
  options.stop.throwIfAborted();
  if (dump.status === 'rejected' || counted.status === 'rejected') throw failed.signal.reason;
  const schema = await uploadSchema(context, counted.value.facts.document);
  return { snapshot, schema, dump: dump.value, ...counted.value };
}

/**
 * On orders of a shop (text, uuid, jsonb; bench/backup.ts) level 1 makes 19% more bytes than gzip's own 6, level 4 7%, and takes a
 * half more of the processor's time than level 1, where 6 takes two and a half times as much.
 */
export const COMPRESSION = 4;

/** How long the session may wait for the first byte of pg_dump besides for locks: it reads the whole catalog before. */
const IDLE_MS = 300_000;

function uploadDump(
  { options, tools, env }: DumpContext,
  snapshot: ExportedSnapshot,
  stop: AbortSignal,
  onFirst: () => void,
): Promise<Uploaded> {
  const args = [
    ...['--format=custom', `--compress=${COMPRESSION}`, `--snapshot=${snapshot.id}`],
    ...[`--lock-wait-timeout=${options.lockWaitMs}`, '--no-password', '--verbose'],
  ];
  let tables = 0;
  const isProgress = (line: string) => {
    if (line.includes('dumping contents of table')) tables += 1;
    return !/^pg_dump: (error|fatal|warning|detail|hint):/.test(line) && line.startsWith('pg_dump: ');
  };
  const keyOf = (n: number) => backupKeys.dump(options.id, options.run, n);
  const source = { file: tools.dump, args, env, stop, begins: 'PGDMP', onFirst, isProgress };
  return upload(options, stop, keyOf, source, () => tables);
}

async function uploadSchema({ options }: DumpContext, document: string): Promise<Uploaded> {
  const { stop, id, run } = options;
  return uploadStream({
    ...{ store: storeOf(options, stop), stop, keyOf: () => backupKeys.schema(id, run) },
    source: Readable.from([Buffer.from(document)]),
  });
}

function storeOf({ documents, encryptionKey, run, id }: BackupOptions, stop: AbortSignal): ObjectStore {
  return createS3Store({ documents, encryptionKey, metadata: { run, backup: id }, stop });
}

function upload(
  options: BackupOptions,
  stop: AbortSignal,
  keyOf: (n: number) => string,
  source: Parameters<typeof dumpStream>[0],
  tables?: () => number,
): Promise<Uploaded> {
  const { log, now } = options;
  return uploadStream({
    ...{ store: storeOf(options, stop), keyOf, stop },
    source: dumpStream({ ...source, onSaid: (line) => log('info', 'said', { line: line.slice(0, 300) }) }),
    onPart: tellRate({ log, now, event: 'stored', ...(tables ? { tables } : {}) }),
    onFailure: (what, error) => log('warning', 'not-stored', { what, error: nameOf(error) }),
  });
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'Error';
}

/**
 * In the view that is being dumped. A stop cuts the session, and the server then ends the count.
 *
 * The transaction ends with the count, however long the dump goes on: pg_dump, whose output has begun, has the view and locks of its own.
 */
async function readAndCount(
  { client, options }: DumpContext,
  snapshot: ExportedSnapshot,
  begun: Promise<unknown>,
  stop: AbortSignal,
): Promise<{ facts: Facts; tables: TableRows[] }> {
  const cut = () => breakConnection(client, new Error('The count is not wanted any more.'));
  stop.throwIfAborted();
  stop.addEventListener('abort', cut, { once: true });
  try {
    const facts = await readFacts(client);
    await begun;
    const tables = await countRows(client, snapshot.tables);
    await client.query('commit');
    const rows = tables.reduce((sum, each) => sum + each.rows, 0);
    options.log('info', 'counted', { tables: tables.length, rows, databaseBytes: facts.databaseBytes });
    return { facts, tables };
  } finally {
    stop.removeEventListener('abort', cut);
  }
}
