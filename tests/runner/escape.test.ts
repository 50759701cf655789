import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { CREATE_OWN_TABLES } from '../../lib/postgres/tables.ts';
import { applyTransaction } from '../../runner/apply-transaction.ts';
import { withSession } from '../../runner/session.ts';
import { startPostgres, type TestPostgres, withDatabase } from '../support/postgres.ts';
import { releaseOf } from '../support/runner.ts';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.stop());

test.each([
  ['ends its transaction', 'create table a (); commit; create table b ()'],
  ['ends its transaction and begins another', 'create table a (); commit; begin; create table b ()'],
  ['rolls back and begins another', 'create table a (); rollback; begin; create table b ()'],
])('a file that %s is found out, even if the check beforehand had let it through', async (_, sql) => {
  const credentials = await postgres.freshDatabase();
  await withDatabase(credentials, (client) => client.query(CREATE_OWN_TABLES));
  const [file] = (await releaseOf({ '001.do.a.sql': sql })).files;
  if (!file) throw new Error('There is no file.');
  const context = {
    author: { run: 'r', token: 0 },
    database: { credentials, applicationName: 'x', ca: null, connectTimeoutMs: 5_000 },
    ...{ stop: new AbortController().signal, log: () => undefined, lockWaitMs: 0 },
  };
  const attempt = withSession(context, (session) => applyTransaction(session, { file, starts: [0], firstStep: 1 }));
  await expect(attempt).rejects.toMatchObject({ name: 'TransactionEscapedError', place: { file: '001.do.a.sql' } });
  await withDatabase(credentials, async (client) => {
    const { rows } = await client.query(
      `select to_regclass('b') as b, (select count(*)::integer from carthub_db.schemaversion) as history`,
    );
    expect(rows[0]).toMatchObject({ history: 0 });
  });
});
