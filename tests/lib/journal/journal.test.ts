import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { raiseFence, readFence } from '../../../lib/journal/fence.ts';
import { type JournalRow, readJournal, readOpenSteps } from '../../../lib/journal/journal.ts';
import { writeEntry } from '../../../lib/journal/record.ts';
import { finished, stepsOf } from '../../../lib/journal/steps.ts';
import { CREATE_OWN_TABLES } from '../../../lib/postgres/tables.ts';
import { startPostgres, type TestPostgres, withDatabase } from '../../support/postgres.ts';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.stop());

const file = { version: 20_260_131_093_000, file: 'f.sql', sha256: 'a'.repeat(64) };
const author = { run: 'r', token: 5 };

test('a database without our tables has no journal and no token, and reading changes nothing', async () => {
  await withDatabase(await postgres.freshDatabase(), async (client) => {
    expect([await readJournal(client, 'r'), await readOpenSteps(client), await readFence(client)]).toEqual([
      [],
      [],
      null,
    ]);
    expect((await client.query(`select to_regnamespace('carthub_db') as schema`)).rows).toEqual([{ schema: null }]);
  });
});

test('a row is read as it was written, also a version of fourteen digits', async () => {
  await withDatabase(await postgres.freshDatabase(), async (client) => {
    await client.query(CREATE_OWN_TABLES);
    await raiseFence(client, 5);
    const detail = { sqlState: '42P01', mayHaveCommitted: false, droppedIndexes: [] };
    const written = await writeEntry(client, author, { file, step: 2, state: 'refused', detail });
    await writeEntry(client, { ...author, run: 'other' }, { file, step: 0, state: 'transaction' });
    expect(await readJournal(client, 'r')).toEqual([
      {
        ...file,
        ...{
          id: Number(written.id),
          runId: 'r',
          token: 5,
          step: 2,
          state: 'refused',
          xid: written.xid,
          at: expect.any(Date),
          detail,
        },
      },
    ]);
    expect((await readOpenSteps(client)).map(({ runId }) => runId)).toEqual(['r']);
    await client.query('insert into carthub_db.schemaversion (version) values ($1)', [file.version]);
    expect(await readOpenSteps(client)).toEqual([]);
  });
});

test.each([4, 6])('nothing is written while the database has the token %i and not ours', async (found) => {
  await withDatabase(await postgres.freshDatabase(), async (client) => {
    await client.query(CREATE_OWN_TABLES);
    await client.query('update carthub_db.fence set token = $1', [found]);
    await expect(writeEntry(client, author, { file, step: 0, state: 'transaction' })).rejects.toMatchObject({
      name: 'FencedError',
      message: expect.stringContaining(`token is 5; the database has ${found}`),
    });
    expect(await readJournal(client, 'r')).toEqual([]);
  });
});

test('the token in the database only grows', async () => {
  await withDatabase(await postgres.freshDatabase(), async (client) => {
    await client.query(CREATE_OWN_TABLES);
    await raiseFence(client, 3);
    await raiseFence(client, 3);
    await expect(raiseFence(client, 2)).rejects.toMatchObject({ name: 'FencedError' });
    expect(await readFence(client)).toBe(3);
  });
});

const row = (step: number, state: JournalRow['state'], detail: JournalRow['detail'] = null): JournalRow => ({
  ...{ ...file, id: 1, runId: 'r', token: 1, xid: '1', at: new Date(), step, state, detail },
});

test('of a step the last word counts, and it keeps the text that was begun', () => {
  const refused = { sqlState: '22012', mayHaveCommitted: false, droppedIndexes: [] };
  const steps = stepsOf([
    row(0, 'transaction'),
    row(1, 'intent', { statement: 'a' }),
    row(1, 'done'),
    row(2, 'intent', { statement: 'b' }),
    row(2, 'accepted', { statement: 'b', again: false }),
    row(3, 'intent', { statement: 'old' }),
    row(3, 'refused', refused),
    row(3, 'intent', { statement: 'new' }),
    row(3, 'accepted', { statement: 'new', again: true }),
    row(4, 'intent'),
    row(4, 'accepted'),
    row(5, 'refused', refused),
    row(6, 'refused', { ...refused, mayHaveCommitted: true }),
    row(7, 'refused', refused),
    row(7, 'intent'),
    row(8, 'refused', refused),
    row(8, 'intent', { statement: 'c', atomic: true }),
  ]);
  expect(steps.map(({ number, state, statement }) => [number, state, statement])).toEqual([
    [1, 'done', 'a'],
    [2, 'accepted', 'b'],
    [3, 'again', 'new'],
    [4, 'again', null],
    [5, 'refused', null],
    [6, 'unknown', null],
    [7, 'unknown', null],
    [8, 'undone', 'c'],
  ]);
  expect(finished(steps).map(({ number }) => number)).toEqual([1, 2]);
});
