import type { Client } from 'pg';
import { compareWithDocument } from '../../lib/schema/compare-database.ts';
import { readDocument } from '../../lib/schema/describe.ts';
import type { Difference } from '../../lib/schema/difference.ts';
import type { SchemaDocument } from '../../lib/schema/document.ts';
import { withDatabase } from './postgres.ts';
import { type Dependencies, readDependencies } from './schema-dependencies.ts';
import { generateMutations } from './schema-generated-mutations.ts';
import { MUTATIONS } from './schema-mutations.ts';
import type { SchemaServer } from './schemas.ts';

const options = { migrator: 'postgres' };

/** A change of one object, and what is wrong with the report after it; null when it names that object, and beyond it only what depends on it. */
export type Tried = { sql: string; object: string; problem: string | null };

/** Makes every change of the rich schema that we know of, each alone, and looks at the report. */
export async function tryMutations(postgres: SchemaServer): Promise<Tried[]> {
  return withDatabase(await postgres.database('rich'), async (client) => {
    const expected = await readDocument(client, options);
    const mutations = [...MUTATIONS, ...generateMutations(expected)];
    const half = Math.ceil(mutations.length / 2);
    const halves = [mutations.slice(0, half), mutations.slice(half)];
    return (await Promise.all(halves.map((part) => tryAll(postgres, part, expected)))).flat();
  });
}

/** Tries these changes, each of them alone. */
async function tryAll(
  postgres: SchemaServer,
  mutations: readonly (readonly [string, string])[],
  expected: SchemaDocument,
): Promise<Tried[]> {
  return withDatabase(await postgres.database('rich'), async (client) => {
    const dependencies = await readDependencies(client);
    const tried: Tried[] = [];
    for (const [sql, object] of mutations) {
      tried.push({ sql, object, problem: await tryOne(client, expected, dependencies, sql, object) });
    }
    const { differences } = await compareWithDocument(client, expected, options);
    if (differences.length > 0) throw new Error(`What was rolled back is there: ${differences.map(nameOf).join(', ')}`);
    return tried;
  });
}

/** What is wrong with the report after this change, which is rolled back. */
async function tryOne(
  client: Client,
  expected: SchemaDocument,
  dependencies: Dependencies,
  sql: string,
  object: string,
): Promise<string | null> {
  await client.query('begin');
  try {
    await client.query(sql);
    const { differences } = await compareWithDocument(client, expected, options);
    const named = differences.map(nameOf);
    const depend = dependencies.of(object);
    const others = differences.filter(
      (one) => nameOf(one) !== object && !depend.has(nameOf(one)) && !depend.has(ownerOf(one)),
    );
    for (const one of differences) {
      const shown = await client.query(one.shownBy);
      if (!isShown(one, shown.rows.length)) return `${nameOf(one)} is not shown by: ${one.shownBy}`;
    }
    if (!named.includes(object)) return `not named, but: ${named.join(', ')}`;
    return others.length > 0 ? `also named: ${others.map(nameOf).join(', ')}` : null;
  } catch (error) {
    return String(error);
  } finally {
    await client.query('rollback');
  }
}

/** What is missing gives no row; default privileges and user mappings are found among others. */
function isShown({ what, kind }: Difference, rows: number): boolean {
  return what === 'missing' ? rows === 0 || kind === 'default privileges' || kind === 'user mapping' : rows > 0;
}

const nameOf = ({ kind, name }: Difference) => `${kind} ${name}`;
const ownerOf = ({ of }: Difference) => (of ? `${of.kind} ${of.name}` : '');
