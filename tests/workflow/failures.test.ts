import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startTestCloud, type TestCloud } from '../support/cloud.ts';

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startTestCloud();
  // Version 1, with rows that later files meet.
  expect(await cloud.migrate(BASE)).toMatchObject({ exit: 0, json: { outcome: 'Migrated' } });
  await cloud.query(`insert into carts (owner) select 'c' || n % 10 from generate_series(1, 100) n`);
});
afterAll(() => cloud?.stop());

const BASE = { '001.do.carts.sql': 'create table carts (id serial primary key, owner text not null);\n' };

async function state() {
  const history = await cloud.query('select version, sha256 from carthub_db.schemaversion order by version');
  const journal = await cloud.query('select id, run_id, state from carthub_db.journal order by id');
  const columns = await cloud.query(
    `select table_name, column_name from information_schema.columns where table_schema = 'public' order by 1, 2`,
  );
  const rows = await cloud.query('select count(*)::int, sum(hashtext(owner)) from carts');
  return { history, journal, columns, rows };
}

test('SQL that fails in its transaction leaves the database untouched, and the error names the place', async () => {
  const before = await state();
  const result = await cloud.migrate({
    ...BASE,
    '002.do.unique.sql':
      'alter table carts add column note text;\n\nalter table carts\n  add constraint one_cart unique (owner);\n',
  });
  expect(result).toMatchObject({
    exit: 3,
    json: {
      outcome: 'FailedUntouched',
      version: { before: 1, after: 1 },
      error: { name: 'SqlError', message: expect.stringContaining('one_cart'), file: '002.do.unique.sql' },
    },
  });
  expect(await state()).toEqual(before);
}, 120_000);

test('an error with a position is shown with file, line, column and a caret', async () => {
  const before = await state();
  const result = await cloud.migrate({
    ...BASE,
    '002.do.typo.sql': 'alter table carts add column note text;\nupdate carts set nope = 1;\n',
  });
  expect(result).toMatchObject({
    exit: 3,
    json: {
      outcome: 'FailedUntouched',
      error: {
        file: '002.do.typo.sql',
        line: 2,
        column: 18,
        caret: expect.stringMatching(/update carts set nope = 1;\n +\^/),
      },
    },
  });
  expect(await state()).toEqual(before);
}, 120_000);

test('a file with its own COMMIT is refused before anything is started, at its place, and the version is told', async () => {
  const before = await state();
  const result = await cloud.migrate({
    ...BASE,
    '002.do.first.sql': 'alter table carts add column note text;\n',
    '003.do.commits.sql': 'delete from carts;\ncommit;\nselect 1/0;\n',
  });
  expect(result).toMatchObject({
    exit: 7,
    json: {
      ...{ outcome: 'Refused', version: { before: 1, after: 1 } },
      error: { name: 'UnrunnableFileError', file: '003.do.commits.sql', line: 2, column: 1 },
    },
  });
  expect(await state()).toEqual(before);
}, 120_000);

test('when the second of three files fails, the first is in and the schema is that of its version', async () => {
  const result = await cloud.migrate({
    ...BASE,
    '002.do.note.sql': 'alter table carts add column note text;\n',
    '003.do.unique.sql': 'create unique index one_cart on carts (owner);\n',
    '004.do.other.sql': 'create table other (id int);\n',
  });
  expect(result).toMatchObject({
    exit: 6,
    json: { outcome: 'FailedPartway', version: { before: 1, after: 2 }, error: { file: '003.do.unique.sql' } },
  });
  expect(await cloud.query('select max(version)::int as version from carthub_db.schemaversion')).toEqual([
    { version: 2 },
  ]);
  expect(await cloud.query(`select to_regclass('other') as other`)).toEqual([{ other: null }]);
}, 120_000);

test('a file without a transaction whose second statement the server refuses stops there, and goes on once that is mended', async () => {
  const files = { ...BASE, '002.do.note.sql': 'alter table carts add column note text;\n' };
  const head = '-- carthub: no-transaction\ncreate index concurrently carts_owner on carts (owner);\n';
  const stopped = await cloud.migrate({
    ...files,
    '003.do.owner.sql': `${head}alter table carts add constraint one_cart unique (owner);\nselect 1;\n`,
  });
  expect(stopped).toMatchObject({
    exit: 6,
    json: {
      ...{ outcome: 'FailedPartway', version: { before: 2, after: 2 }, error: { file: '003.do.owner.sql', line: 3 } },
      resumeAt: { file: '003.do.owner.sql', step: 2 },
    },
  });
  const changed = await cloud.migrate({
    ...files,
    '003.do.owner.sql': `${head.replace('(owner)', '(note)')}select 1;\n`,
  });
  expect(changed).toMatchObject({
    exit: 3,
    json: {
      error: { name: 'PartlyAppliedFileChangedError', message: expect.stringContaining('Statement 1'), line: 2 },
    },
  });
  const mended = `${head}create index concurrently carts_note on carts (note);\n`;
  expect(await cloud.migrate({ ...files, '003.do.owner.sql': mended })).toMatchObject({
    ...{ exit: 0, json: { outcome: 'Migrated', version: { before: 2, after: 3 } } },
  });
}, 120_000);

/** What only a database with rows in it takes: nobody knows what such a folder makes of an empty one. */
const GROWN = {
  ...BASE,
  '002.do.note.sql': 'alter table carts add column note text;\n',
  '003.do.owner.sql':
    '-- carthub: no-transaction\ncreate index concurrently carts_owner on carts (owner);\ncreate index concurrently carts_note on carts (note);\n',
  '004.do.grown.sql': 'create table grown (id int);\ninsert into grown select 1 / count(*) from carts;\n',
};

test('a folder that cannot be applied to an empty database migrates, fails and goes on, and is never called dirty', async () => {
  const failing = { ...GROWN, '005.do.more.sql': 'create table more (id int);\n', '006.do.fails.sql': 'select 1/0;\n' };
  expect(await cloud.migrate(failing)).toMatchObject({
    exit: 6,
    json: {
      ...{ outcome: 'FailedPartway', version: { before: 3, after: 5 } },
      unproven: expect.stringContaining('004.do.grown.sql fails on an empty database: division by zero'),
    },
  });
  const next = { ...GROWN, '005.do.more.sql': 'create table more (id int);\n', '006.do.last.sql': 'select 1;\n' };
  expect(await cloud.migrate({ ...next, '006.do.last.sql': 'selec 1;\n' })).toMatchObject({
    ...{ exit: 7, json: { error: { name: 'UnrunnableFileError', file: '006.do.last.sql', line: 1, column: 1 } } },
  });
  const stopped = {
    ...next,
    '006.do.last.sql': '-- carthub: no-transaction\ncreate table last (id int);\nselect 1/0;\n',
  };
  expect(await cloud.migrate(stopped)).toMatchObject({
    exit: 6,
    json: {
      ...{ outcome: 'FailedPartway', resumeAt: { file: '006.do.last.sql', step: 2 } },
      differences: [{ what: 'unexpected', kind: 'table', name: 'public.last', whose: 'ours' }],
    },
  });
  const mended = { ...stopped, '006.do.last.sql': '-- carthub: no-transaction\ncreate table last (id int);\n' };
  expect(await cloud.migrate(mended)).toMatchObject({ exit: 0, json: { outcome: 'Migrated', version: { after: 6 } } });
  await cloud.query('create table by_hand (id int)');
  expect(await cloud.migrate({ ...mended, '007.do.x.sql': 'select 1;\n' })).toMatchObject({
    ...{ exit: 7, json: { version: { before: 6 }, error: { name: 'DriftError' } } },
  });
  await cloud.query('drop table by_hand');
  expect(await cloud.migrate({ ...mended, '007.do.x.sql': 'select 1;\n' })).toMatchObject({ exit: 0 });
}, 180_000);
