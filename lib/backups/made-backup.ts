import * as z from 'zod/mini';
import { type Documents, readIfReadable } from '../documents/documents.ts';
import { backupKeys } from './keys.ts';
import { dataOf, manifest } from './manifest.ts';
import { verification } from './results.ts';
import { isoTime } from './time.ts';

/** A backup as its run tells of it. */
export const madeBackup = z.object({
  id: z.string(),
  /** The run that made it: an earlier one of the same night, perhaps. */
  by: z.string(),
  snapshotAt: isoTime,
  version: z.nullable(z.int()),
  objects: z.int(),
  bytes: z.int(),
  tables: z.int(),
  rows: z.int(),
  durationMs: z.int(),
  /** What reading it back in full found; null when that did not come to its end. */
  verified: z.nullable(z.object({ result: z.enum(['verified', 'damaged']), durationMs: z.int() })),
});

export type MadeBackup = z.infer<typeof madeBackup>;

/** What S3 says of the backup of this id, which is all that counts; null when there is none. */
export async function readMadeBackup(
  documents: Documents,
  id: string,
): Promise<{ backup: MadeBackup | null; findings: string[]; unreadable: string[] }> {
  const [found, read] = await Promise.all([
    readIfReadable(documents, backupKeys.manifest(id), manifest),
    readIfReadable(documents, backupKeys.verified(id), verification),
  ]);
  const unreadable = [found.unreadable, read.unreadable].filter((why) => why !== null);
  if (found.value === null) return { backup: null, findings: [], unreadable };
  const { run, snapshotAt, schema, tables, durationMs } = found.value;
  const data = dataOf(found.value);
  const own = read.value?.manifest === found.etag ? read.value : null;
  const backup = {
    ...{ id, by: run, snapshotAt, version: schema.version, objects: data.length },
    bytes: data.reduce((sum, { size }) => sum + size, 0),
    tables: tables.length,
    rows: tables.reduce((sum, { rows }) => sum + rows, 0),
    durationMs,
    verified: own && { result: own.result, durationMs: own.durationMs },
  };
  return { backup, findings: own?.findings ?? [], unreadable };
}
