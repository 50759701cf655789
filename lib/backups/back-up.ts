import type { Client } from 'pg';
import * as z from 'zod/mini';
import type { Documents } from '../documents/documents.ts';
import { withClient } from '../postgres/connect.ts';
import { type Allowance, checkBucket, s3Time } from './check-bucket.ts';
import { checkClocks } from './check-clocks.ts';
import { namedDatabaseError } from './database-errors.ts';
import { type Dumped, dumpDatabase, dumpGlobals } from './dump.ts';
import { findManifest, type Manifest, putManifest } from './manifest.ts';
import { type DatabaseAccess, withProgramAccess } from './program-access.ts';
import { type Log, rateOf } from './progress.ts';
import { restoreByHand } from './restore-by-hand.ts';
import { findTools, type ToolPlaces, type Tools } from './tools.ts';
import type { Uploaded } from './upload.ts';

export type BackupOptions = {
  documents: Documents;
  /** The database's name in our system; that of its bucket, lease and stack. */
  name: string;
  database: DatabaseAccess;
  id: string;
  run: string;
  tools: ToolPlaces;
  /** On a volume in memory: it holds the password while the programs run. */
  folder: string;
  /** A KMS key; null leaves encryption to the bucket's default. */
  encryptionKey: string | null;
  allowed: readonly Allowance[];
  /** Longest wait for a lock on a table, of the dump and of the count. */
  lockWaitMs: number;
  /** Longest wait, with the view's transaction open, for the first byte of the dump. */
  idleMs?: number;
  stop: AbortSignal;
  log: Log;
  now: () => Date;
};

/**
 * Makes the backup, or adopts the one of that id that is there.
 *
 * Whatever fails, fails it, and leaves nothing that counts as a backup: the manifest is written last. What can be known before is
 * refused before anything is written: tools, bucket, clocks. The roles come next: they are small, and what S3 refuses it refuses
 * then, before the dump begins.
 *
 * @throws BackupToolMissingError, BackupToolVersionError, BackupBucketError, BackupPermissionError, EncryptionKeyError, ClockSkewError:
 *   nothing was written. DumpFailedError, UploadFailedError, ServiceUnavailableError, BackupExistsError
 */
export async function backUp(options: BackupOptions): Promise<{ manifest: Manifest; adopted: boolean }> {
  const { documents, id, log, stop } = options;
  const there = await findManifest(documents, id);
  if (there !== null) {
    log('info', 'backup-adopted', { backup: id, by: there.value.run });
    return { manifest: there.value, adopted: true };
  }
  await checkBucket(documents, options.allowed);
  const begun = options.now();
  const database = { ...options.database, readOnly: true, lockTimeoutMs: options.lockWaitMs };
  return withClient(database, async (client) => {
    try {
      const tools = await checkServer(client, options);
      const manifest = await withProgramAccess(options.database, options.folder, async (env) => {
        const context = { client, options, tools, env };
        const globals = await dumpGlobals(context);
        return compose(options, tools, begun, globals, await dumpDatabase(context));
      });
      stop.throwIfAborted();
      await putManifest(documents, manifest);
      const bytes = manifest.dump.reduce((sum, { size }) => sum + size, 0);
      log('info', 'backup-made', {
        ...{ backup: id, bytes, tables: manifest.tables.length, durationMs: manifest.durationMs },
        mibPerSecond: rateOf(bytes, manifest.durationMs),
      });
      return { manifest, adopted: false };
    } catch (error) {
      stop.throwIfAborted();
      throw namedDatabaseError(client, error);
    }
  });
}

const about = z.object({ major: z.int(), now: z.date() });

async function checkServer(client: Client, { documents, tools, now }: BackupOptions): Promise<Tools> {
  const { rows } = await client.query(
    `select current_setting('server_version_num')::integer / 10000 as major, clock_timestamp() as now`,
  );
  const server = about.parse(rows[0]);
  checkClocks({ 'our clock': now(), "the database's": server.now, "S3's": await s3Time(documents) });
  return findTools(tools, server.major);
}

function compose(options: BackupOptions, tools: Tools, begun: Date, roles: Uploaded, dumped: Dumped): Manifest {
  const { documents, id, run, name } = options;
  const { snapshot, tables, dump, schema } = dumped;
  const { databaseBytes: _, document: __, ...facts } = dumped.facts;
  const [schemaDocument] = schema.objects;
  const [globals] = roles.objects;
  if (!globals || !schemaDocument) throw new Error('Something was stored without an object.');
  const ended = options.now();
  return {
    format: 1,
    ...{ id, run, database: name, snapshotAt: snapshot.at, lsn: snapshot.lsn },
    ...{ completedAt: ended.toISOString(), durationMs: Math.max(0, ended.getTime() - begun.getTime()) },
    ...{
      ...facts,
      tool: tools.version,
      tables,
      globals,
      schemaDocument,
      dump: dump.objects,
      encryptionKey: dump.encryptionKey,
    },
    restoreByHand: restoreByHand({ bucket: documents.bucket, ...facts, globals, dump: dump.objects }),
  };
}
