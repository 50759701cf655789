import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Client } from 'pg';
import { compareWithDocument } from '../../../lib/schema/compare-database.ts';
import { readDocument } from '../../../lib/schema/describe.ts';
import type { Difference } from '../../../lib/schema/difference.ts';
import type { SchemaDocument } from '../../../lib/schema/document.ts';
import { withDatabase } from '../../support/postgres.ts';
import { type Dependencies, readDependencies } from '../../support/schema-dependencies.ts';
import { generateMutations } from '../../support/schema-generated-mutations.ts';
import { MUTATIONS } from '../../support/schema-mutations.ts';
import { type SchemaServer, startSchemaServer } from '../../support/schemas.ts';

let postgres: SchemaServer;
beforeAll(async () => {
  postgres = await startSchemaServer();
});
afterAll(() => postgres.stop());

const options = { migrator: 'postgres' };

type Finding = { sql: string; object: string; problem: string };

test('whatever is dropped or altered, the report names it, and beyond it only what depends on it', async () => {
  const found = await withDatabase(await postgres.database('rich'), async (client) => {
    const expected = await readDocument(client, options);
    const mutations = [...MUTATIONS, ...generateMutations(expected)];
    expect(mutations.length).toBeGreaterThanOrEqual(300);
    expect(new Set(mutations.map(([, object]) => object.split(' ')[0])).size).toBeGreaterThan(20);
    const half = Math.ceil(mutations.length / 2);
    const halves = [mutations.slice(0, half), mutations.slice(half)];
    return (await Promise.all(halves.map((part) => tryAll(part, expected)))).flat();
  });
  expect(found).toEqual([]);
});

/** What is wrong with the reports after these changes, each of them alone. */
async function tryAll(mutations: readonly (readonly [string, string])[], expected: SchemaDocument): Promise<Finding[]> {
  return withDatabase(await postgres.database('rich'), async (client) => {
    const dependencies = await readDependencies(client);
    const findings: Finding[] = [];
    for (const [sql, object] of mutations) {
      const problem = await tryOne(client, expected, dependencies, sql, object);
      if (problem !== null) findings.push({ sql, object, problem });
    }
    expect(await compareWithDocument(client, expected, options)).toMatchObject({ equal: true });
    return findings;
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
