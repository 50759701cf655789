import { createHash } from 'node:crypto';
import type { Client } from 'pg';
import * as z from 'zod/mini';
import type { Documents } from '../documents/documents.ts';
import { withClient } from '../postgres/connect.ts';
import { qualifiedName } from '../postgres/identifier.ts';
import { redact } from '../postgres/redact.ts';
import { OWN_SCHEMA } from '../postgres/tables.ts';
import { compareWithDocument } from '../schema/compare-database.ts';
import { schemaDigest } from '../schema/digest.ts';
import { listSections } from '../schema/list.ts';
import { parseDocument } from '../schema/parse-document.ts';
import { compareRows } from './compare-rows.ts';
import { feed } from './decode.ts';
import { BackupDamagedError, RestoreDiffersError, RestoreFailedError, RestoreTargetError } from './errors.ts';
import { readExtensions } from './facts.ts';
import { type RestoredGlobals, restoreGlobals } from './globals.ts';
import { type Manifest, readManifest, type StoredObject } from './manifest.ts';
import type { ObjectStore } from './object-store.ts';
import { startProgram } from './program.ts';
import { type DatabaseAccess, withProgramAccess } from './program-access.ts';
import type { Log } from './progress.ts';
import { readRefusedOwners } from './refused-owners.ts';
import { countRows, listTables } from './tables.ts';
import { findTools, type ToolPlaces } from './tools.ts';

export type RestoreOptions = {
  documents: Documents;
  id: string;
  store: Pick<ObjectStore, 'read'>;
  /** An empty database of a server of the backup's version. */
  target: DatabaseAccess;
  tools: ToolPlaces;
  /** On a volume in memory. */
  folder: string;
  stop: AbortSignal;
  log: Log;
  now: () => Date;
};

export type Restored = { manifest: Manifest; etag: string; globals: RestoredGlobals; restoreMs: number };

/**
 * Restores a backup into an empty database, straight from S3, and compares what is there then with the manifest: rows, extensions,
 * schema.
 *
 * @throws RestoreTargetError: nothing was changed. RestoreFailedError, BackupDamagedError, RestoreDiffersError: the target holds something
 *   that is not the backup, and is to be dropped
 */
export async function restoreDump(options: RestoreOptions): Promise<Restored> {
  const { documents, id, target, stop, log, now } = options;
  const { value: manifest, etag } = await readManifest(documents, id);
  return withClient(target, async (client) => {
    await checkTarget(client, manifest);
    const tools = await findTools(options.tools, manifest.major);
    const begun = now();
    const globals = await restoreGlobals(client, await readText(options, manifest.globals));
    log('info', 'roles-restored', {
      created: globals.created.length,
      existed: globals.existed.length,
      skipped: globals.skipped.length,
    });
    const owners = await withProgramAccess(target, options.folder, (env) =>
      load(options, manifest, tools.restore, env),
    );
    stop.throwIfAborted();
    await giveOwners(client, owners);
    if (globals.skipped.length + owners.length > 0)
      log('info', 'restored-as-master', { skipped: globals.skipped.slice(0, 20).join('; '), owners: owners.length });
    stop.throwIfAborted();
    const restoreMs = Math.max(0, now().getTime() - begun.getTime());
    log('info', 'dump-restored', { restoreMs });
    const findings = await compareRestored(client, manifest, await readText(options, manifest.schemaDocument));
    if (findings.length === 0) return { manifest, etag, globals, restoreMs };
    throw new RestoreDiffersError(`What was restored is not what was backed up: ${findings.slice(0, 5).join('; ')}.`, {
      remedy: 'Use another backup, and compare versions of server and extensions with those in the manifest.',
    });
  });
}

const about = z.object({ major: z.int(), encoding: z.string() });

async function checkTarget(client: Client, manifest: Manifest): Promise<void> {
  const { rows } = await client.query(
    `select current_setting('server_version_num')::integer / 10000 as major, current_setting('server_encoding') as encoding`,
  );
  const server = about.parse(rows[0]);
  const wrong = [
    ...(server.major === manifest.major
      ? []
      : [`it is PostgreSQL ${server.major}, and the backup is of ${manifest.major}`]),
    ...(server.encoding === manifest.encoding
      ? []
      : [`its encoding is ${server.encoding}, and the backup's ${manifest.encoding}`]),
    ...(await objectsIn(client)),
  ];
  if (wrong.length === 0) return;
  throw new RestoreTargetError(`The backup cannot be restored there: ${wrong.join('; ')}.`, {
    remedy: `Make an empty one: create database NAME template template0 encoding '${manifest.encoding}'`,
  });
}

async function objectsIn(client: Client): Promise<string[]> {
  const sections = await listSections(client, {});
  const owners = [...sections.values()].map(({ owner }) => `${owner.kind} ${owner.name}`);
  const others = owners.filter((owner) => !['schema public', 'extension plpgsql'].includes(owner));
  const { rows } = await client.query(`select from pg_catalog.pg_namespace where nspname = '${OWN_SCHEMA}'`);
  const [first] = rows.length > 0 ? [`schema ${OWN_SCHEMA}`] : others;
  return first === undefined ? [] : [`it is not empty: it has the ${first}`];
}

/** The statements that give an owner and were refused for now. */
async function load(
  options: RestoreOptions,
  manifest: Manifest,
  file: string,
  env: Record<string, string>,
): Promise<string[]> {
  const dbname = `dbname='${options.target.credentials.dbname.replace(/['\\]/g, '\\$&')}'`;
  const args = ['--no-tablespaces', '--no-password', `--dbname=${dbname}`];
  const refused = readRefusedOwners(() => program.kill());
  const isProgress = (line: string) => {
    refused.read(line);
    return false;
  };
  const program = startProgram({ file, args, env, stop: options.stop, isProgress });
  program.stdout.resume();
  const dump = async function* () {
    for (const object of manifest.dump) yield* readChecked(options, object);
  };
  try {
    const [fed, end] = await Promise.all([feed(dump(), program.stdin), program.ended]);
    options.stop.throwIfAborted();
    const { owners, others } = refused.end();
    if (fed && owners !== null && end.code === (owners.length === 0 ? 0 : 1)) return owners;
    const how = end.signal === null ? `exit code ${end.code}` : end.signal;
    const said = others.length > 0 ? others : end.said.slice(0, 8);
    throw new RestoreFailedError(`pg_restore ended with ${how}: ${redact(said.join('\n'))}`, { remedy: START_AGAIN });
  } finally {
    program.kill();
    await Promise.allSettled([program.ended]);
  }
}

const START_AGAIN =
  'Drop the database that it was restored into, correct what it says, and start again with an empty one.';

/** In the archive's order: a table takes the sequences of its columns along. */
async function giveOwners(client: Client, statements: readonly string[]): Promise<void> {
  for (const statement of statements) {
    try {
      await client.query(statement);
    } catch (cause) {
      const said = cause instanceof Error ? cause.message : String(cause);
      throw new RestoreFailedError(`${statement} failed: ${redact(said)}`, { remedy: START_AGAIN, cause });
    }
  }
}

/** The bytes of an object; it throws at their end when they are not those that were stored. */
async function* readChecked(
  { store, stop }: RestoreOptions,
  { key, size, sha256 }: StoredObject,
): AsyncGenerator<Buffer> {
  const found = await store.read(key, stop);
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const piece of found?.body ?? []) {
    hash.update(piece);
    bytes += piece.length;
    yield piece;
  }
  if (found !== null && bytes === size && hash.digest('hex') === sha256) return;
  throw new BackupDamagedError(`${key} is ${found === null ? 'missing' : 'not what was stored'}.`, {
    remedy: 'Verify the backups, and restore from one that is whole: carthub-db backups',
  });
}

async function readText(options: RestoreOptions, object: StoredObject): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of readChecked(options, object)) pieces.push(piece);
  return Buffer.concat(pieces).toString('utf8');
}

/** How a database that was restored differs from what was backed up. */
export async function compareRestored(client: Client, manifest: Manifest, schema: string): Promise<string[]> {
  const counted = await countRows(client, await listTables(client));
  const found = new Map(counted.map(({ schema, table, rows }) => [qualifiedName(schema, table), rows]));
  const { rows } = await client.query<{ count: string }>('select count(*) from pg_catalog.pg_largeobject_metadata');
  const name = (extension: Manifest['extensions'][number]) => `${extension.name} ${extension.version}`;
  const expected = manifest.extensions.map(name);
  const actual = (await readExtensions(client)).map(name);
  return [
    ...compareRows(manifest.tables, found),
    ...(Number(rows[0]?.count) === manifest.largeObjects
      ? []
      : [`${rows[0]?.count} large objects; ${manifest.largeObjects} were counted`]),
    ...expected.filter((one) => !actual.includes(one)).map((one) => `the extension ${one} is missing`),
    ...actual.filter((one) => !expected.includes(one)).map((one) => `the extension ${one} is new`),
    ...(await compareSchema(client, manifest, schema)),
  ];
}

/** Digests that differ may be of one text that the server writes in two ways: then the documents are compared. */
async function compareSchema(client: Client, { schema, schemaDocument }: Manifest, text: string): Promise<string[]> {
  if ((await schemaDigest(client)) === schema.digest) return [];
  const expected = parseDocument(text, schemaDocument.key);
  const { differences } = await compareWithDocument(client, expected, { columnOrder: 'compared' });
  return differences.map(({ what, kind, name }) => `${kind} ${name} of the schema: ${what}`);
}
