import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg, { type Client } from 'pg';
import { endBackends } from '../../../lib/damage/end-backends.ts';
import { brokenBecause, type Credentials, withClient } from '../../../lib/postgres/connect.ts';
import { CREATE_OWN_TABLES, RUN_LOCK } from '../../../lib/postgres/tables.ts';
import { startPostgres, type TestPostgres, withDatabase } from '../../support/postgres.ts';

const JOB = 'migrate-0123';
let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.stop());

const end = (at: Credentials, token: number) =>
  withDatabase(at, (client) => endBackends({ client, applicationName: JOB, token }));
const tokenOf = (at: Credentials) =>
  withDatabase(at, async (client) => (await client.query('select token::int from carthub_db.fence')).rows[0]?.token);

/** A session of the Job that is in the middle of a transaction of the runner's kind. */
function zombie(at: Credentials, use: (client: Client) => Promise<void>): Promise<void> {
  const options = { credentials: at, applicationName: JOB, ca: null, connectTimeoutMs: 5_000 };
  return withClient(options, async (client) => {
    await client.query(CREATE_OWN_TABLES);
    await client.query('begin');
    await client.query('select token from carthub_db.fence for share');
    await client.query('create table half_made ()');
    await use(client);
  });
}

test('on a database that was never migrated it makes our tables and raises the token', async () => {
  const at = await postgres.freshDatabase();
  expect(await end(at, 7)).toEqual({ ended: 0 });
  expect(await tokenOf(at)).toBe(7);
});

test('a session in a transaction that holds the token is ended, and what it did is gone', async () => {
  const at = await postgres.freshDatabase();
  await zombie(at, async (client) => {
    expect(await end(at, 2)).toEqual({ ended: 1 });
    await expect(client.query('commit')).rejects.toThrow();
    expect(brokenBecause(client)).not.toBeNull();
  });
  const { rows } = await withDatabase(at, (client) => client.query(`select to_regclass('half_made') as made`));
  expect(rows).toEqual([{ made: null }]);
});

test('a session in the middle of a long statement is ended', async () => {
  const at = await postgres.freshDatabase();
  await zombie(at, async (client) => {
    const sleeping = client.query('select pg_sleep(600)');
    const [ended] = await Promise.all([end(at, 2), expect(sleeping).rejects.toThrow()]);
    expect(ended).toEqual({ ended: 1 });
  });
});

test('sessions of others are left alone, also those that were paused in a transaction', async () => {
  const at = await postgres.freshDatabase();
  const { host, port, dbname, username } = at;
  const other = new pg.Client({ host, port, database: dbname, user: username, application_name: 'carts' });
  await other.connect();
  await other.query('begin; create table theirs ()');
  expect(await end(at, 2)).toEqual({ ended: 0 });
  await other.query('commit');
  await other.end();
});

test('a session of the run that goes by another name is ended by the run lock that it holds', async () => {
  const at = await postgres.freshDatabase();
  await zombie(at, async (client) => {
    await client.query(`select set_config('application_name', 'disguised', false), pg_advisory_lock(${RUN_LOCK})`);
    expect(await end(at, 2)).toEqual({ ended: 1 });
    await expect(client.query('commit')).rejects.toThrow();
  });
});

test('the token never falls', async () => {
  const at = await postgres.freshDatabase();
  await end(at, 9);
  await end(at, 4);
  expect(await tokenOf(at)).toBe(9);
});

test('a session that keeps coming back does not stop it', async () => {
  const at = await postgres.freshDatabase();
  let coming = true;
  const returning = (async () => {
    while (coming)
      await zombie(at, async (client) => void (await client.query('select pg_sleep(0.05)'))).catch(() => null);
  })();
  await end(at, 5);
  coming = false;
  await returning;
  expect(await tokenOf(at)).toBe(5);
});
