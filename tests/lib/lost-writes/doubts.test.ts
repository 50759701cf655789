import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Client } from 'pg';
import { FencedError } from '../../../lib/journal/fence.ts';
import { conflictSql } from '../../../lib/lost-writes/conflict-sql.ts';
import { readWriteCounts, type WriteCounts } from '../../../lib/lost-writes/write-counts.ts';
import { withDatabase } from '../../support/postgres.ts';
import { type Restorable, startRestorable } from '../../support/restored-copy.ts';
import { SCENARIOS } from './hidden-scenarios.ts';
import { judgeAll, prepare, replayAll, type Sides } from './search.ts';

const names = Object.keys(SCENARIOS);
const FOR_REPLAY =
  'create table parent (id integer primary key); create table child (id integer primary key, parent integer references parent);' +
  ' create table ranks (id integer primary key, rank integer unique deferrable initially deferred); insert into ranks values (1, 1), (2, 2)';

let restorable: Restorable;
let snapshot: string;
let counts: WriteCounts;
let copyAt: Awaited<ReturnType<Restorable['restore']>>;

async function openTransaction(dbname: string): Promise<Client> {
  const { host, port, username } = restorable.at(dbname);
  const client = new Client({ host, port, user: username, database: dbname });
  await client.connect();
  return client;
}

beforeAll(async () => {
  restorable = await startRestorable();
  for (const dbname of ['scenarios', 'running', 'replayed', 'objects']) {
    await withDatabase(await restorable.createDatabase(dbname), async (client) => {
      await prepare(client);
      await client.query(dbname === 'scenarios' ? setups() : FOR_REPLAY);
    });
  }
  await withDatabase(restorable.at('replayed'), (client) => client.query(`select lo_from_bytea(4711, 'old')`));
  await restorable.backUp();
  // It began before the restore point, wrote in a subtransaction, and ends after it.
  const running = await openTransaction('running');
  await running.query('begin; insert into parent values (1); savepoint s; insert into parent values (2); release s');
  // A later one is over by then, so that the snapshot knows of ids behind both.
  await withDatabase(restorable.at('running'), (client) => client.query('select pg_current_xact_id()'));
  counts = await withDatabase(restorable.at('scenarios'), readWriteCounts);
  const point = await restorable.makeRestorePoint();
  snapshot = point.snapshot;
  await running.query('commit');
  await running.end();
  await withDatabase(restorable.at('scenarios'), async (client) => {
    for (const [number, name] of names.entries()) {
      await client.query(`set search_path = ${schemaOf(number)}`);
      await SCENARIOS[name]?.happens(client, name);
    }
    await client.query('vacuum freeze');
  });
  copyAt = await restorable.restore(point.time);
}, 60_000);

afterAll(() => restorable?.stop());

function schemaOf(number: number): string {
  return `case_${number}`;
}

function setups(): string {
  return names
    .map((name, at) => `create schema ${schemaOf(at)}; set search_path = ${schemaOf(at)}; ${SCENARIOS[name]?.setup}`)
    .join(';\n');
}

function onBoth<T>(dbname: string, use: (sides: Sides) => Promise<T>): Promise<T> {
  return withDatabase(restorable.at(dbname), (live) => withDatabase(copyAt(dbname), (copy) => use({ live, copy })));
}

test.each(names)('%s', async (name) => {
  const scenario = SCENARIOS[name];
  if (!scenario) throw new Error(name);
  const schema = schemaOf(names.indexOf(name));
  const bare = (label: string) => label.replace(`${schema}.`, '');
  await onBoth('scenarios', async (sides) => {
    const options = { run: name, file: scenario.file ?? '', snapshot, schema, counts };
    const { verdict, survey, cursor, ...found } = await judgeAll(sides, options);
    const doubted = verdict.tables
      .filter(({ proved }) => !proved)
      .map(({ table, doubts }) => [bare(table), doubts.map(({ doubt }) => doubt)]);
    expect({ proved: verdict.proved, doubts: Object.fromEntries(doubted) }).toEqual({
      proved: scenario.proved,
      doubts: scenario.doubts ?? {},
    });
    expect(verdict.replayable.map(({ kind, table, key }) => `${kind} ${bare(table)} ${key}`).sort()).toEqual(
      scenario.replayable ?? [],
    );
    expect(await replayAll(sides, { survey, cursor, ...found }, verdict.replayable)).toEqual({
      refused: [],
      broken: [],
    });
    // What a person is given runs as it stands.
    for (const conflict of verdict.conflicts) {
      const table = survey.tables.find(({ label }) => label === conflict.finding.table);
      if (table?.side === 'both') await sides.copy.query(conflictSql(table, conflict));
    }
  });
});

test('large objects that were made, changed or removed are in doubt, and those that were not are not', async () => {
  const nothing = { run: '', file: '', snapshot };
  const besides = (dbname: string) =>
    onBoth(dbname, async (sides) => (await judgeAll(sides, nothing)).verdict.beside.map(({ doubt }) => doubt));
  expect(await besides('replayed')).toEqual([]);
  await withDatabase(restorable.at('replayed'), (client) => client.query(`select lo_put(4711, 0, 'new')`));
  expect(await besides('replayed')).toEqual(['large-objects']);
  await withDatabase(restorable.at('replayed'), (client) => client.query('select lo_unlink(4711)'));
  expect(await besides('replayed')).toEqual(['large-objects']);
  expect(await besides('objects')).toEqual([]);
  await withDatabase(restorable.at('objects'), (client) => client.query('select lo_create(0)'));
  expect(await besides('objects')).toEqual(['large-objects']);
});

test('what was running at the restore point, in a subtransaction too, is found', async () => {
  await onBoth('running', async (sides) => {
    const { verdict } = await judgeAll(sides, { run: '', file: '', snapshot });
    expect(verdict.replayable.map(({ table, key }) => `${table} ${key}`)).toEqual([
      'public.parent 1',
      'public.parent 2',
    ]);
  });
});

test('replaying stops at another token, refuses what the copy has otherwise, and tells of constraints that do not hold', async () => {
  await onBoth('replayed', async (sides) => {
    await sides.live.query('insert into parent values (1); insert into child values (1, 1)');
    await sides.live.query('update ranks set rank = 5 where id = 1; insert into child values (2, null), (3, null)');
    const { verdict, ...found } = await judgeAll(sides, { run: '', file: '', snapshot });
    const children = verdict.replayable.filter(({ table }) => table !== 'public.parent');
    await expect(replayAll(sides, found, children, 6)).rejects.toThrow(FencedError);
    expect((await sides.copy.query('select from child')).rowCount).toBe(0);

    await sides.copy.query('insert into ranks values (3, 5); insert into child values (3, null)');
    await sides.copy.query('update child set id = 2 where id = 3; alter table child add check (id <> 1) no inherit');
    const { refused, broken } = await replayAll(sides, found, children);
    expect(refused).toEqual([
      { table: 'public.child', key: ['1'], kind: 'insert', reason: expect.stringContaining('check constraint') },
    ]);
    expect(broken).toEqual([
      'ranks_rank_key of public.ranks: 1 keys are there more than once.',
      'public.child: 2 rows, and there should be 3.',
      'public.ranks: 3 rows, and there should be 2.',
    ]);
    await sides.copy.query('alter table child drop constraint child_id_check');
    expect((await replayAll(sides, found, children)).broken).toContain(
      'child_parent_fkey of public.child: 1 rows refer to a row that is not there.',
    );
  });
});
