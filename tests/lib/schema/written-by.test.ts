import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Client } from 'pg';
import type { Credentials } from '../../../lib/postgres/credentials.ts';
import { objectsWrittenBy, type Transactions } from '../../../lib/schema/written-by.ts';
import { withDatabase } from '../../support/postgres.ts';
import { type SchemaServer, startSchemaServer } from '../../support/schemas.ts';

const options = { migrator: 'postgres' };

let postgres: SchemaServer;
let rich: Credentials;
beforeAll(async () => {
  postgres = await startSchemaServer();
  rich = await postgres.database('rich');
});
afterAll(() => postgres.stop());

/** Runs the statements in one transaction; its id, and that of the next one. */
async function transaction(client: Client, sql: string): Promise<{ xid: string; next: string }> {
  await client.query(`begin; ${sql}`);
  const { rows } = await client.query('select pg_current_xact_id()::text as xid');
  await client.query('commit');
  const { rows: after } = await client.query('select pg_current_xact_id()::text as next');
  return { ...rows[0], ...after[0] };
}

async function writtenBy(client: Client, transactions: Transactions): Promise<string[]> {
  const objects = await objectsWrittenBy(client, options, transactions);
  return objects.map(({ kind, name, certain }) => `${certain ? '' : 'perhaps '}${kind} ${name}`).sort();
}

test.each([
  [
    'create table app.made (id integer primary key, note text)',
    ['column app.made.id', 'column app.made.note', 'constraint app.made.made_pkey', 'table app.made'],
  ],
  ['alter table app.people alter status set default 1', ['column app.people.status']],
  ['comment on column app.people.mood is $$x$$', ['column app.people.mood']],
  [`comment on table app.friends is 'x'`, ['table app.friends']],
  ['create index made_index on app.people (born)', ['index app.people.made_index']],
  [
    `create or replace function app.twice(n integer) returns integer language sql immutable return n * 4`,
    ['function app.twice(integer)'],
  ],
  [`alter type app.mood add value 'new'`, ['type app.mood']],
  ['alter domain app.age set default 3', ['domain app.age']],
  ['alter domain app.email add constraint made check (value is not null)', ['constraint app.email.made']],
  ['alter sequence app.numbers increment 9', ['sequence app.numbers']],
  ['alter table app.people disable trigger people_stamp', ['trigger app.people.people_stamp']],
  ['alter policy people_own on app.people using (false)', ['policy app.people.people_own']],
  [`create or replace view app.happier as select h.*, 1::bigint as rank from app.happy h`, ['view app.happier']],
  [
    'alter text search configuration app.search alter mapping for word with app.simple_german',
    ['text search configuration app.search'],
  ],
  ['alter publication chosen add table app.visits', ['publication chosen']],
  ['grant delete on app.friends to reader', ['table app.friends']],
  [
    'alter default privileges in schema app grant delete on tables to reader',
    ['default privileges of <migrator> in app on tables'],
  ],
  [`alter server elsewhere options (set host 'there')`, ['server elsewhere']],
  ['alter event trigger noted enable', ['event trigger noted']],
  [
    'alter operator family app.whole using btree add operator 1 < (integer, bigint)',
    ['operator family app.whole using btree'],
  ],
])('after %s the objects of that transaction are named, and no others', async (sql, expected) => {
  await withDatabase(rich, async (client) => {
    const { xid } = await transaction(client, sql);
    expect(await writtenBy(client, { xids: [xid] })).toEqual(expect.arrayContaining(expected));
    const others = (await writtenBy(client, { xids: [xid] })).filter((name) => !expected.includes(name));
    // The server counts columns, checks and triggers in the row of their table.
    expect(
      others.filter(
        (name) => !/^(table|view) app\.(people|happier|friends)$/.test(name) && !/^column app\.happier\./.test(name),
      ),
    ).toEqual([]);
  });
});

test('nothing was written by nobody, nor by a transaction that came to nothing', async () => {
  await withDatabase(rich, async (client) => {
    await client.query('begin; create table app.never ()');
    const { rows } = await client.query('select pg_current_xact_id()::text as xid');
    await client.query('rollback');
    expect(await writtenBy(client, { xids: [] })).toEqual([]);
    expect(await writtenBy(client, { xids: [rows[0].xid] })).toEqual([]);
  });
});

test('what a subtransaction made is found by the range of ids, and is not certain, since others have ids there too', async () => {
  await withDatabase(await postgres.freshDatabase(), async (client) => {
    const { xid, next } = await transaction(
      client,
      `create table sure (); do $$ begin begin create table sub (); exception when others then raise; end; end $$`,
    );
    expect(await writtenBy(client, { xids: [xid] })).toEqual(['table public.sure']);
    expect(await writtenBy(client, { xids: [xid], ranges: [{ from: xid, below: next }] })).toEqual([
      'perhaps table public.sub',
      'table public.sure',
    ]);
  });
});

test('rows keep their transaction when they are frozen; the later of two transactions is the one named', async () => {
  await withDatabase(await postgres.freshDatabase(), async (client) => {
    const first = await transaction(client, 'create table t (id integer)');
    for (const catalog of ['pg_class', 'pg_attribute']) await client.query(`vacuum freeze ${catalog}`);
    expect(await writtenBy(client, { xids: [first.xid] })).toEqual(['column public.t.id', 'table public.t']);
    const second = await transaction(client, 'alter table t alter id set default 1');
    expect(await writtenBy(client, { xids: [first.xid] })).toEqual(['table public.t']);
    expect(await writtenBy(client, { xids: [second.xid] })).toEqual(['column public.t.id']);
  });
});

test('ids count on beyond 32 bits, where rows keep the lower ones', async () => {
  await withDatabase(await postgres.freshDatabase(), async (client) => {
    const { xid, next } = await transaction(client, 'create table t ()');
    const later = (id: string) => `${BigInt(id) + (3n << 32n)}`;
    expect(await writtenBy(client, { xids: [later(xid)] })).toEqual(['table public.t']);
    const wrapped = { from: `${(3n << 32n) - 5n}`, below: later(next) };
    expect(await writtenBy(client, { xids: [], ranges: [wrapped] })).toContain('perhaps table public.t');
  });
});
