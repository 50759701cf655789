import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { NEWEST } from '../support/checks.ts';
import { startTestCloud, type TestCloud } from '../support/cloud.ts';

const CARTHUB = resolve(import.meta.dirname, '../../migrations');
let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startTestCloud();
}, 120_000);
afterAll(() => cloud?.stop());

test("Carthub's migrations go through every step, and the four tables are there", async () => {
  const result = await cloud.cli('migrate', '--migrations', CARTHUB);
  expect(result).toMatchObject({
    exit: 0,
    json: {
      outcome: 'Migrated',
      version: { before: 0 },
      error: null,
      snapshot: expect.stringMatching(/^migrate-/),
      timeScale: 0.02,
    },
  });
  const states = JSON.stringify(result.json.timeline);
  for (const state of [
    'AcquireLease',
    'PlanMigration',
    'CheckInstance',
    'CreateSnapshot',
    'LaunchJob',
    'PollJob',
    'ValidateSchema',
    'ReleaseLease',
  ]) {
    expect(states).toContain(`"${state}"`);
  }
  const tables = await cloud.query(`select tablename from pg_tables where schemaname = 'public' order by 1`);
  expect(tables.map((each) => each.tablename)).toEqual(['cart_items', 'carts', 'order_items', 'orders']);
}, 120_000);

test('again there is nothing to do', async () => {
  expect(await cloud.cli('migrate', '--migrations', CARTHUB)).toMatchObject({
    exit: 0,
    json: { outcome: 'NothingToDo', snapshot: null },
  });
}, 120_000);

test('the restore point of the run lies before its first file, with the snapshot of transactions', async () => {
  const [row] = await cloud.query<{ run_id: string; at: Date }>(
    'select run_id, at from carthub_db.journal order by id limit 1',
  );
  const point = await cloud.document(`runs/${row?.run_id}/restore-point.json`);
  expect(point).toMatchObject({
    lsn: expect.stringMatching(/^[0-9A-F]+\/[0-9A-F]+$/),
    snapshot: expect.stringMatching(/^\d+:\d+:/),
  });
  const time = typeof point === 'object' && point !== null && 'time' in point ? String(point.time) : '';
  expect(Date.parse(time)).toBeLessThan(row?.at.getTime() ?? 0);
});

test('300 more files with objects in several schemas go through', async () => {
  const files = { ...carthub(), ...manyFiles(300) };
  const result = await cloud.migrate(files);
  const version = { before: NEWEST, after: NEWEST + 300 };
  expect(result).toMatchObject({ exit: 0, json: { outcome: 'Migrated', version } });
}, 240_000);

function carthub(): Record<string, string> {
  const files = readdirSync(CARTHUB).filter((name) => /^\d+\.do\./.test(name));
  return Object.fromEntries(files.map((name) => [name, readFileSync(join(CARTHUB, name), 'utf8')]));
}

/** Every tenth file makes a schema; the others a table, an index, a view, a function or rows in the last one. */
function manyFiles(count: number): Record<string, string> {
  const files: Record<string, string> = {};
  for (let n = 1; n <= count; n += 1) {
    const schema = `shop_${Math.ceil(n / 10)}`;
    const kinds = [
      `create schema ${schema};`,
      `create table ${schema}.product (id bigint generated always as identity primary key, name text not null, price numeric(10, 2) check (price > 0));`,
      `create index product_name on ${schema}.product (lower(name));`,
      `create type ${schema}.state as enum ('new', 'paid', 'sent');`,
      `create table ${schema}.sale (id int primary key, product bigint references ${schema}.product on delete cascade, state ${schema}.state default 'new');`,
      `insert into ${schema}.product (name, price) select 'p' || n, n from generate_series(1, 50) n;`,
      `create view ${schema}.open_sale as select * from ${schema}.sale where state <> 'sent';`,
      `create function ${schema}.total() returns numeric language sql stable as $$ select sum(price) from ${schema}.product $$;`,
      `-- carthub: no-transaction\ncreate index concurrently sale_product on ${schema}.sale (product);`,
      `alter table ${schema}.product add column note text default 'none';`,
    ];
    files[`${NEWEST + n}.do.step-${n}.sql`] = `${kinds[(n - 1) % 10]}\n`;
  }
  return files;
}
