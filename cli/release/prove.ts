import * as z from 'zod/mini';
import { toFault } from '../../lib/errors.ts';
import type { ReleaseFile } from '../../lib/migrations/release.ts';
import { fault } from '../../lib/runs/verdict.ts';
import type { SchemaDocument } from '../../lib/schema/document.ts';
import { digestOf, expectedSchemas, NO_SCHEMAS, withVersion } from '../../lib/schema/expected-schemas.ts';
import type { Context } from '../command.ts';
import { type ProvingDatabase, withProvingDatabase } from './prove-database.ts';
import type { Where } from './prove-where.ts';
import { refusalsOf } from './refusals.ts';

/** What applying the files to an empty database has shown. */
export const proof = z.object({
  /** Digests by version, "0" included, up to the one that failed; null from there on. */
  expected: z.record(z.string(), z.nullable(z.string())),
  /** The schemas of which these are the digests. */
  schemas: expectedSchemas,
  failed: z.nullable(z.object({ file: z.string(), fault })),
  /** Which files no server would run, whatever is in its database, and why. */
  refusals: z.record(z.string(), fault),
});

export type Proof = z.infer<typeof proof>;

/** Changes when the same files might be proved otherwise: what is read of a schema, or what applies them. */
export const PROVED_BY = 'documents-3';

/**
 * Applies the files to an empty database. What the prelude makes is in the schema of version 0, and of every other: a platform that provides
 * it does so on the real database too.
 *
 * @throws ProvingServerError, PreludeError
 */
export function prove(files: readonly ReleaseFile[], where: Where, context: Context): Promise<Proof> {
  const texts = files.map(({ sql }) => sql);
  return withProvingDatabase(where, { context, texts }, (database) => applyAll(database, files));
}

async function applyAll({ client, apply, read }: ProvingDatabase, files: readonly ReleaseFile[]): Promise<Proof> {
  const refusals = Object.fromEntries(await refusalsOf(client, files));
  const expected: Proof['expected'] = {};
  let schemas = NO_SCHEMAS;
  let before: SchemaDocument = new Map();
  const note = async (version: number) => {
    const after = await read();
    schemas = withVersion(schemas, version, { before, after });
    expected[`${version}`] = digestOf(after);
    before = after;
  };
  await note(0);
  let failed: Proof['failed'] = null;
  for (const file of files) {
    if (failed === null) {
      try {
        await apply(file);
        await note(file.version);
        continue;
      } catch (error) {
        failed = { file: file.file, fault: toFault(error) };
      }
    }
    expected[`${file.version}`] = null;
  }
  return { expected, schemas, failed, refusals };
}
