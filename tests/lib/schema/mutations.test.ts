import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { tryMutations } from '../../support/schema-mutation-runs.ts';
import { type SchemaServer, startSchemaServer } from '../../support/schemas.ts';

let postgres: SchemaServer;
beforeAll(async () => {
  postgres = await startSchemaServer();
});
afterAll(() => postgres.stop());

test('whatever is dropped or altered, the report names it, and beyond it only what depends on it', async () => {
  const tried = await tryMutations(postgres);
  expect(tried.length).toBeGreaterThanOrEqual(300);
  expect(new Set(tried.map(({ object }) => object.split(' ')[0])).size).toBeGreaterThan(20);
  expect(tried.filter(({ problem }) => problem !== null)).toEqual([]);
});
