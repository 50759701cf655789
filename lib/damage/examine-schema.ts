import type { ClientBase } from 'pg';
import { type Documents, readIfReadable, replaceDocument } from '../documents/documents.ts';
import type { JournalRow } from '../journal/journal.ts';
import { transactionsOf } from '../journal/transactions.ts';
import { readHistory, versionOf } from '../migrations/history.ts';
import { isProvable, type Release } from '../migrations/release.ts';
import { keys } from '../runs/keys.ts';
import type { Plan } from '../runs/plan.ts';
import { compareWithDocument } from '../schema/compare-database.ts';
import type { Comparison, Difference } from '../schema/difference.ts';
import { schemaDigest } from '../schema/digest.ts';
import type { SchemaDocument } from '../schema/document.ts';
import { expectedSchemas, schemaAt, schemaDocument, toSchemaDocument } from '../schema/expected-schemas.ts';
import { judge } from '../schema/judge.ts';
import { objectsWrittenBy } from '../schema/written-by.ts';
import type { ExaminedSchema } from './examined-schema.ts';
import { meantBetween } from './meant.ts';

export type Examination = {
  client: ClientBase;
  documents: Documents;
  run: string;
  /** Null where it is gone, or the run had none. */
  release: Release | null;
  /** What the run found before it started; null when it did not get so far. */
  plan: Plan | null;
  /** What the run committed of itself. */
  journal: readonly JournalRow[];
};

/**
 * Compares the database with the schema of the version at which its history stands, says of each difference whose it is, and keeps
 * all of it in the bucket. Changes nothing in the database.
 */
export async function examineSchema(examination: Examination): Promise<ExaminedSchema> {
  const { client, documents, run, release, plan, journal } = examination;
  const version = versionOf(await readHistory(client)) ?? 0;
  const digest = await schemaDigest(client);
  const known = await knownSchemas(examination, version);
  const options = { ignore: release?.ignore ?? [] };
  const found = known.now === null ? NOTHING : await compareWithDocument(client, known.now, options);
  const begun = new Set(journal.map(({ file }) => file));
  const files = release?.files.filter(({ file }) => begun.has(file)) ?? [];
  const differences = judge({
    differences: found.differences,
    drift: plan?.drift ?? found.differences,
    meant: known.meant,
    dropped: new Set(files.flatMap(({ drops }) => drops)),
    touched: new Set(files.flatMap(({ touches }) => touches)),
    written: found.equal
      ? []
      : await objectsWrittenBy(client, {}, transactionsOf(journal, await nextTransaction(client))),
  });
  const { against } = known;
  const unproven = against === 'expected' ? null : whyUnproven(release, version);
  const examined = {
    ...{ format: 1 as const, run, version, digest, against, unproven },
    ...{ differences, broken: null, ignored: found.ignored },
  };
  await replaceDocument(documents, keys.differences(run), examined);
  return examined;
}

/** Why nobody knows what the files make of an empty database up to this version. */
function whyUnproven(release: Release | null, version: number): string {
  const schema = `what the schema of version ${version} should be`;
  if (release === null) return `Nobody knows ${schema}: the release document is gone.`;
  if (isProvable(release, version)) return `Nobody knows ${schema}: the document ${release.schemas} cannot be read.`;
  const { unproven } = release;
  const why = unproven ? `: ${unproven.file} fails on an empty database: ${unproven.message}` : '.';
  return `Nobody knows ${schema}, so that what the run did is told by its journal alone${why}`;
}

const NOTHING: Comparison = { equal: true, differences: [], ignored: [], unusedRules: [] };

type Known = Pick<ExaminedSchema, 'against'> & { now: SchemaDocument | null; meant: Difference[] };

async function knownSchemas(examination: Examination, version: number): Promise<Known> {
  const { documents, run, release, plan, journal } = examination;
  const schemas = release === null ? null : (await readIfReadable(documents, release.schemas, expectedSchemas)).value;
  const now = schemas === null ? null : schemaAt(schemas, version);
  if (schemas !== null && now !== null) {
    // A file may have been begun that is not whole: what it did of its own is no stranger's.
    const versions = [plan?.before ?? version, version, ...journal.map((row) => row.version)];
    const meant = meantBetween(schemas, versions);
    return { against: 'expected', now, meant };
  }
  const kept = (await readIfReadable(documents, keys.schemaBefore(run), schemaDocument)).value;
  const before = kept === null ? null : toSchemaDocument(kept);
  return { against: before === null ? null : 'before', now: before, meant: [] };
}

/** Every id that the run's sessions, which are gone, may have had is below it. */
async function nextTransaction(client: ClientBase): Promise<string> {
  const { rows } = await client.query<{ next: string }>('select pg_snapshot_xmax(pg_current_snapshot())::text as next');
  return rows[0]?.next ?? '';
}
