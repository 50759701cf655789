import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Client } from 'pg';
import { parseArguments } from '../../cli/arguments.ts';
import { queryCommand } from '../../cli/commands/query.ts';
import { jsonRows, runQuery } from '../../cli/query/run-query.ts';
import { startPostgres, type TestPostgres, withDatabase } from '../support/postgres.ts';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres?.stop());
const onFresh = async <T>(use: (client: Client) => Promise<T>) => withDatabase(await postgres.freshDatabase(), use);

test('a transaction that is left open is told, and nothing of it is kept', async () => {
  await onFresh(async (client) => {
    await expect(runQuery(client, 'create table kept (); begin; create table lost ()')).rejects.toMatchObject({
      ...{ name: 'QueryError', message: expect.stringContaining('nothing of that transaction was kept') },
    });
    await expect(runQuery(client, 'begin; select 1')).rejects.toMatchObject({
      remedy: expect.stringContaining('COMMIT'),
    });
    await runQuery(client, 'begin; create table ended (); commit');
    const [found] = await runQuery(client, `select to_regclass('lost') as lost, to_regclass('ended') as ended`);
    expect(found?.answer.rows).toEqual([[null, 'ended']]);
  });
});

test('columns of one name are all there in JSON', async () => {
  await onFresh(async (client) => {
    const [found] = await runQuery(client, 'select 1 as a, 2 as a, 3 as a_2, 4 as a');
    expect(found && jsonRows(found)).toEqual([{ a: 1, a_3: 2, a_2: 3, a_4: 4 }]);
  });
});

test.each(['-- why\nselect 1', '--why\nselect 1', '-- a = b\nselect 1', '--a=b\nselect 1'])(
  'SQL that begins with a comment is SQL: %j',
  (sql) => {
    expect(parseArguments('query', queryCommand, ['--local', sql]).positional).toBe(sql);
    expect(() => parseArguments('query', queryCommand, ['--lcal', sql])).toThrow('did you mean --local?');
  },
);
