import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Client } from 'pg';
import { classify } from '../../../lib/lost-writes/classify.ts';
import { renderLoss } from '../../../lib/lost-writes/render-loss.ts';
import { readWriteCounts, type WriteCounts } from '../../../lib/lost-writes/write-counts.ts';
import { type Restorable, startRestorable } from '../../support/restored-copy.ts';
import { othersSince, ownWorkOf, prepare, replayAll, runFile, type Sides, search } from './search.ts';
import { fillTypes, writeTypes } from './types.ts';
import { Writer } from './writer.ts';

/** Our migration: it makes a table, writes into a log that others write, too, and changes rows that nobody else changes. */
const FILE = `
  create table app.ours (id integer primary key);
  insert into app.ours select generate_series(1, 1000);
  insert into app.log (what) select 'ours' from generate_series(1, 5);
  update app.settings set value = 'ours'`;

const SEEDS = [1, 2, 3];
const WRITERS = 3;

let restorable: Restorable;
let snapshot: string;
const open: Client[] = [];
const databases = new Map<number, { writers: Writer[]; sides: Sides; counts: WriteCounts }>();

async function connect(credentials: { host: string; port: number; username: string; dbname: string }) {
  const { host, port, username, dbname } = credentials;
  const client = new Client({ host, port, user: username, database: dbname });
  await client.connect();
  open.push(client);
  return client;
}

/** Lets all writers write until `work` is done, but not for ever. */
async function meanwhile<T>(work: () => Promise<T>, most = 120): Promise<T> {
  let over = false;
  const writing = [...databases.values()].flatMap(({ writers }) =>
    writers.map(async (writer) => {
      for (let done = 0; done < most && !(over && done > 5); done += 1) await writer.transact();
    }),
  );
  const result = await work();
  over = true;
  await Promise.all(writing);
  return result;
}

beforeAll(async () => {
  restorable = await startRestorable();
  const schema = readFileSync(join(import.meta.dirname, 'schema.sql'), 'utf8');
  const live = new Map<number, Client>();
  for (const seed of SEEDS) {
    const at = await restorable.createDatabase(`seed_${seed}`);
    const client = await connect(at);
    await prepare(client);
    await client.query(schema);
    await client.query(`insert into app.counters values ('all', 0)`);
    await fillTypes(client);
    const clients = await Promise.all(Array.from({ length: WRITERS }, () => connect(at)));
    const writers = clients.map((own, number) => new Writer(own, number + 1, seed));
    for (const writer of writers) await writer.open();
    live.set(seed, client);
    await client.query('select pg_stat_force_next_flush()');
    databases.set(seed, { writers, sides: { live: client, copy: client }, counts: await readWriteCounts(client) });
  }
  await meanwhile(() => restorable.backUp(), 40);
  const point = await meanwhile(() => restorable.makeRestorePoint());
  snapshot = point.snapshot;
  await meanwhile(async () => {
    for (const client of live.values()) {
      await runFile(client, 'run', FILE);
      await writeTypes(client);
      await client.query('vacuum freeze');
    }
  }, 40);
  const copyAt = await meanwhile(() => restorable.restore(point.time), 60);
  for (const [seed, { sides }] of databases) sides.copy = await connect(copyAt(`seed_${seed}`));
}, 60_000);

afterAll(async () => {
  await Promise.all(open.map((client) => client.end()));
  await restorable?.stop();
});

test.each(SEEDS)(
  'after replaying the copy holds exactly what the writers know to be committed (seed %i)',
  async (seed) => {
    const database = databases.get(seed);
    if (!database) throw new Error('no such seed');
    const { writers, sides, counts } = database;
    const work = await ownWorkOf(sides, 'run', FILE);
    const first = await meanwhile(() => search(sides, { pass: 'first', work, snapshot, maxRows: 50 }), 20);
    const { cursor, findings } = first;
    const second = await search(sides, { pass: 'second', work, snapshot, earlier: { cursor, findings }, maxRows: 50 });
    const { survey } = second;
    const others = await othersSince(sides.live, counts, work);
    const { findings: found, cursor: searched } = second;
    const verdict = classify({ survey, work, findings: found, tallies: searched.tallies, others });
    expect(verdict.tables.filter(({ proved }) => !proved)).toEqual([]);
    expect(verdict).toMatchObject({ proved: true, conflicts: [], beside: [] });

    // All at once gives the same as two passes.
    const only = await search(sides, { pass: 'only', work, snapshot });
    expect(sorted(only.findings)).toEqual(sorted(second.findings));
    const loss = renderLoss(survey, verdict.replayable);
    expect([...loss.lines]).toHaveLength(verdict.replayable.length);
    expect(loss.tables.length).toBeGreaterThan(5);

    expect(await replayAll(sides, second, verdict.replayable)).toEqual({ refused: [], broken: [] });
    await expectLedgers(sides.copy, writers);
    await expectEqualTables(sides);
    // Again: nothing changes, not even a row's version.
    const versions = await contents(sides.copy, 'select xmin::text, ctid::text, * from app.items order by id');
    expect(await replayAll(sides, second, verdict.replayable)).toEqual({ refused: [], broken: [] });
    expect(await contents(sides.copy, 'select xmin::text, ctid::text, * from app.items order by id')).toEqual(versions);
  },
);

function sorted(findings: readonly object[]): string[] {
  return findings.map((one) => JSON.stringify(one)).sort();
}

async function contents(client: Client, sql: string): Promise<unknown[]> {
  return (await client.query({ text: sql, rowMode: 'array' })).rows;
}

async function expectLedgers(copy: Client, writers: readonly Writer[]): Promise<void> {
  const items = writers.flatMap(({ ledger }) => [...ledger.items].map(([id, note]) => [`${id}`, note]));
  const events = writers.flatMap(({ ledger }) => [...ledger.events]);
  expect(items.length + events.length).toBeGreaterThan(20);
  expect(await contents(copy, 'select id, note from app.items order by id')).toEqual(
    items.sort(([a], [b]) => Number(a) - Number(b)),
  );
  expect(await contents(copy, `select "the key", "value;--" from "Odd ""Schema"""."Events; drop" order by 1`)).toEqual(
    events.sort(([a], [b]) => ((a ?? '') < (b ?? '') ? -1 : 1)),
  );
  const counted = writers.reduce((sum, { ledger }) => sum + ledger.counted, 0);
  expect(await contents(copy, 'select n from app.counters')).toEqual([[`${counted}`]]);
}

/** What no ledger knows: generated columns, triggers' rows, every type; and nothing of ours. */
async function expectEqualTables({ live, copy }: Sides): Promise<void> {
  for (const sql of [
    'select * from app.items order by id',
    'select * from app.owners order by id',
    `select * from app.log where what <> 'ours' order by id`,
    'select id, types::text from app.types order by id',
  ]) {
    expect(await contents(copy, sql)).toEqual(await contents(live, sql));
  }
  expect(await contents(copy, `select count(*)::int from app.log where what = 'ours'`)).toEqual([[0]]);
  expect(await contents(copy, `select to_regclass('app.ours')`)).toEqual([[null]]);
  expect(await contents(copy, `select count(*)::int from app.settings where value <> 'old'`)).toEqual([[0]]);
  const { rows } = await copy.query<{ id: string }>(
    `insert into app.items (owner, code) values (1, 'new') returning id`,
  );
  const [[largest] = []] = (await live.query({ text: 'select max(id)::int from app.items', rowMode: 'array' })).rows;
  expect(Number(rows[0]?.id)).toBeGreaterThan(Number(largest));
  await copy.query(`delete from app.items where code = 'new'; delete from app.log where what like '% new'`);
}
