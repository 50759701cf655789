import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { compareWithCopy } from '../../support/schema-copies.ts';
import { SCHEMAS, type SchemaServer, startSchemaServer } from '../../support/schemas.ts';

let postgres: SchemaServer;
beforeAll(async () => {
  postgres = await startSchemaServer();
});
afterAll(() => postgres.stop());

const [pgDump, psql] = ['pg_dump', 'psql'].map(
  (program) => spawnSync(program, ['--version'], { encoding: 'utf8' }).stdout,
);
const missing = [pgDump, psql].some((version) => !/PostgreSQL\) 1[5-9]/.test(version ?? ''));

if (missing) {
  test('NOT RUN: no difference after pg_dump | psql, because pg_dump and psql of PostgreSQL 15 or newer are not on the PATH', () => {
    expect(missing).toBe(true);
  });
} else {
  test.each([...SCHEMAS.keys()])('there is no difference between %s and its copy by pg_dump | psql', async (schema) => {
    const { objects, comparison } = await compareWithCopy(postgres, schema);
    expect(objects).toBeGreaterThan(5);
    expect(comparison).toEqual({ equal: true, differences: [], ignored: [], unusedRules: [] });
  });

  test('there are at least twelve of them, of different style', () => {
    expect(SCHEMAS.size).toBeGreaterThanOrEqual(12);
  });
}
