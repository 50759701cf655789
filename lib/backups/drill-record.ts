import * as z from 'zod/mini';
import { type Documents, readDocument, replaceDocument } from '../documents/documents.ts';
import { isoTime } from './time.ts';

/** Where the drills of a database are written down: a backup's own `drilled.json` goes when the backup expires. */
export const drillsKey = (database: string) => `drills/${database}.json`;

const drilled = z.object({
  backup: z.string(),
  at: isoTime,
  restoreMs: z.int(),
  bytes: z.int(),
  schema: z.object({ version: z.nullable(z.int()), digest: z.string() }),
});

export const drillRecord = z.object({
  format: z.literal(1),
  database: z.string(),
  /** The last that went well. */
  last: drilled,
  /** The digests of the schemas that were restored in a drill, the newest first. */
  digests: z.array(z.string()),
});

export type DrillRecord = z.infer<typeof drillRecord>;

/** As many schemas as anybody looks back to. */
const MOST_DIGESTS = 200;

/** Adds a drill that went well. Drills of one database do not run at the same time; the last word counts. */
export async function recordDrill(documents: Documents, database: string, last: DrillRecord['last']): Promise<void> {
  const before = (await readDocument(documents, drillsKey(database), drillRecord))?.value.digests ?? [];
  const digests = [...new Set([last.schema.digest, ...before])].slice(0, MOST_DIGESTS);
  const made: DrillRecord = { format: 1, database, last, digests };
  await replaceDocument(documents, drillsKey(database), made);
}
