import * as z from 'zod/mini';
import { type Documents, putDocument, readDocument } from '../documents/documents.ts';
import { BackupExistsError, BackupNotFoundError, ManifestContradictsError } from './errors.ts';
import { backupKeys, parseBackupKey } from './keys.ts';
import { s3Call } from './s3-errors.ts';
import { isoTime } from './time.ts';

const size = z.int().check(z.nonnegative());

/** An object as it was stored. */
export const storedObject = z.object({
  key: z.string(),
  size,
  parts: z.int().check(z.positive()),
  /** Of all of its bytes, in hex, computed before they left the process. */
  sha256: z.string().check(z.regex(/^[0-9a-f]{64}$/)),
  etag: z.string(),
  /** null where the bucket has no versions. */
  versionId: z.nullable(z.string()),
});

/** A table and how many rows of it a dump holds: what `select count(*) from only` says. */
export const tableRows = z.object({ schema: z.string(), table: z.string(), rows: size });

/**
 * A backup. The document is written last and never changed: without it there is no backup, whatever objects there are.
 */
export const manifest = z.object({
  format: z.literal(1),
  id: z.string(),
  database: z.string(),
  run: z.string(),
  /** By the database's clock, ISO 8601 in UTC: the dump holds what was committed by then. */
  snapshotAt: isoTime,
  lsn: z.string(),
  completedAt: isoTime,
  durationMs: size,
  schema: z.object({ version: z.nullable(z.int()), digest: z.string() }),
  server: z.string(),
  /** What `pg_dump --version` says. */
  tool: z.string(),
  major: z.int(),
  encoding: z.string(),
  extensions: z.array(z.object({ name: z.string(), version: z.string(), schema: z.string() })),
  tables: z.array(tableRows),
  largeObjects: size,
  /** pg_dump's custom format, cut into objects where one would be too long: to be read one after the other. */
  dump: z.array(storedObject).check(z.minLength(1)),
  /** Roles and their memberships, without passwords, as SQL. */
  globals: storedObject,
  /** The whole schema as a document: what a restored one is compared with. */
  schemaDocument: storedObject,
  /** The key that S3 encrypted with; null for S3's own. */
  encryptionKey: z.nullable(z.string()),
  /** What a person types who has nothing but psql, pg_restore and the AWS command line. */
  restoreByHand: z.array(z.string()),
});

export type Manifest = z.infer<typeof manifest>;
export type StoredObject = z.infer<typeof storedObject>;
export type TableRows = z.infer<typeof tableRows>;

/** Every object that holds the backup's data, in the order in which it is restored. */
export function dataOf({ globals, schemaDocument, dump }: Manifest): StoredObject[] {
  return [globals, schemaDocument, ...dump];
}

/** @throws DocumentInvalidError, ManifestContradictsError */
export async function findManifest(
  documents: Documents,
  id: string,
): Promise<{ value: Manifest; etag: string } | null> {
  const where = `s3://${documents.bucket}/${backupKeys.manifest(id)}`;
  const found = await s3Call('s3:GetObject', where, () => readDocument(documents, backupKeys.manifest(id), manifest));
  if (found === null) return null;
  const { value } = found;
  const foreign = dataOf(value).find(({ key }) => {
    const parsed = parseBackupKey(key);
    return parsed?.kind !== 'data' || parsed.id !== id || parsed.run !== value.run;
  });
  if (value.id === id && !foreign) return found;
  const what = foreign ? `lists ${foreign.key}, which is not of that backup` : `says that it is that of ${value.id}`;
  throw new ManifestContradictsError(`The manifest of ${id} ${what}.`, {
    remedy: `Look at its versions: aws s3api list-object-versions --bucket ${documents.bucket} --prefix ${backupKeys.manifest(id)}`,
  });
}

/** @throws BackupNotFoundError, and what {@link findManifest} throws */
export async function readManifest(documents: Documents, id: string): Promise<{ value: Manifest; etag: string }> {
  const found = await findManifest(documents, id);
  if (found !== null) return found;
  throw new BackupNotFoundError(`There is no backup ${id} in s3://${documents.bucket}.`, {
    remedy: 'List those that there are: carthub-db backups',
  });
}

/** Makes the backup one. A lost answer is read back. @throws BackupExistsError when another run was faster */
export async function putManifest(documents: Documents, made: Manifest): Promise<void> {
  const key = backupKeys.manifest(made.id);
  const put = () => putDocument(documents, key, made, null);
  if (await s3Call('s3:PutObject', `s3://${documents.bucket}/${key}`, put)) return;
  const found = await findManifest(documents, made.id);
  if (found?.value.run === made.run && found.value.completedAt === made.completedAt) return;
  throw new BackupExistsError(
    `The run ${found?.value.run ?? 'of somebody'} has made the backup ${made.id} meanwhile.`,
    {
      remedy: 'Nothing is to be done: that backup stands, and the objects of this run are removed after some days.',
    },
  );
}
