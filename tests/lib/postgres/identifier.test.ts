import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { qualifiedName, quoteIdentifier } from '../../../lib/postgres/identifier.ts';
import { startPostgres, type TestPostgres, withDatabase } from '../../support/postgres.ts';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.stop());

test.each(['a', 'A b', 'x"; drop table y; --', '""', 'select', 'é😀', '$1', "'", '\\', '\n'])(
  'the server takes %j, quoted, as that very name',
  async (name) => {
    await withDatabase(await postgres.freshDatabase(), async (client) => {
      await client.query(`create schema ${quoteIdentifier(name)}; create table ${qualifiedName(name, name)} ()`);
      const { rows } =
        await client.query(`select nspname, relname from pg_class c join pg_namespace n on n.oid = relnamespace
        where relkind = 'r' and nspname !~ '^(pg_|information_schema$)'`);
      expect(rows).toEqual([{ nspname: name, relname: name }]);
    });
  },
);

test('what can be no name is refused', () => {
  expect(() => quoteIdentifier('')).toThrow(RangeError);
  expect(() => quoteIdentifier('a\0b')).toThrow(RangeError);
});
