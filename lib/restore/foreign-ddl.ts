import type { ClientBase } from 'pg';
import * as z from 'zod/mini';
import { meantBetween } from '../damage/meant.ts';
import { type Documents, readIfReadable } from '../documents/documents.ts';
import { transactionsOf } from '../journal/transactions.ts';
import type { Sides } from '../lost-writes/survey.ts';
import { readHistory, versionOf } from '../migrations/history.ts';
import type { ReleaseFile } from '../migrations/release.ts';
import { compareDatabases } from '../schema/compare-database.ts';
import type { Difference } from '../schema/difference.ts';
import { expectedSchemas } from '../schema/expected-schemas.ts';
import { judge, lastName } from '../schema/judge.ts';
import { objectsWrittenBy } from '../schema/written-by.ts';
import { readForeignRoles } from './foreign-roles.ts';
import type { OurRuns } from './our-work.ts';

/**
 * Objects of the schema, and roles, in which the live database differs from its copy, but for what our runs made of it: the copy will not have
 * them. What may be ours and may be somebody's counts as somebody's. What a release does not compare is lost with the rest, and compared here.
 */
export async function readForeignDdl(documents: Documents, runs: OurRuns, sides: Sides): Promise<string[]> {
  const digests = new Set(runs.journal.map(({ sha256 }) => sha256));
  const files = runs.releases.flatMap((each) => each.files).filter(({ sha256 }) => digests.has(sha256));
  return [...(await readForeignObjects(documents, runs, files, sides)), ...(await readForeignRoles(sides, files))];
}

async function readForeignObjects(
  documents: Documents,
  { journal, releases, next }: OurRuns,
  files: readonly ReleaseFile[],
  { live, copy }: Sides,
): Promise<string[]> {
  const [there, here] = [
    { client: copy, migrator: await userOf(copy) },
    { client: live, migrator: await userOf(live) },
  ];
  const found = await compareDatabases(there, here);
  if (found.equal) return [];
  const last = releases.at(-1);
  const schemas = last === undefined ? null : (await readIfReadable(documents, last.schemas, expectedSchemas)).value;
  const versions = [await versionAt(copy), await versionAt(live), ...journal.map(({ version }) => version)];
  const judged = judge({
    ...{ differences: found.differences, drift: [] },
    meant: schemas === null ? [] : meantBetween(schemas, versions),
    dropped: new Set(files.flatMap(({ drops }) => drops)),
    // What only its own name and a range of ids speak for may be somebody's.
    touched: new Set<string>(),
    written: await objectsWrittenBy(live, {}, transactionsOf(journal, next)),
  });
  const named = namesOf(journal, files);
  return judged
    .filter((each) => each.whose !== 'ours' && !(each.whose === 'unknown' && isNamed(each, named)))
    .map(told);
}

/** A statement that found an object there already was not the one that made it. */
const THERE_ALREADY: ReadonlySet<string> = new Set(['42701', '42P07', '42710', '42723', '42P06']);

/** What files name that make or change objects. */
function namesOf(journal: OurRuns['journal'], files: readonly ReleaseFile[]): Set<string> {
  const met = journal.flatMap(({ sha256, detail }) =>
    detail !== null && 'sqlState' in detail && THERE_ALREADY.has(detail.sqlState ?? '') ? [sha256] : [],
  );
  return new Set(files.filter(({ sha256 }) => !met.includes(sha256)).flatMap(({ touches }) => touches));
}

/**
 * Whether our file names it, by its own name or by that which the server makes of its column's, and what it is a part of. It was written while a
 * statement of that file was under way: since two cannot make the same, it is ours.
 */
function isNamed({ name, of }: Difference, named: ReadonlySet<string>): boolean {
  const own = lastName(name);
  if (of === null) return named.has(own);
  const table = lastName(of.name);
  return named.has(table) && (named.has(own) || [...named].some((column) => own.startsWith(`${table}_${column}_`)));
}

function told({ kind, name, what }: Difference): string {
  const how = { missing: 'gone', unexpected: 'new', different: 'another', invalid: 'not valid' }[what];
  return `${kind} ${name} (${how})`;
}

async function versionAt(client: ClientBase): Promise<number> {
  return versionOf(await readHistory(client)) ?? 0;
}

async function userOf(client: ClientBase): Promise<string> {
  const { rows } = await client.query('select current_user as name');
  return z.object({ name: z.string() }).parse(rows[0]).name;
}
