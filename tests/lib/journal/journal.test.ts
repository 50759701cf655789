import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { raiseFence, readFence } from '../../../lib/journal/fence.ts';
import { readJournal, readStepJournal } from '../../../lib/journal/journal.ts';
import { writeEntry } from '../../../lib/journal/record.ts';
import { stepStates } from '../../../lib/journal/steps.ts';
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
    expect([await readJournal(client, 'r'), await readStepJournal(client, [1]), await readFence(client)]).toEqual([
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
    const xid = await writeEntry(client, author, { file, step: 2, state: 'refused', detail });
    await writeEntry(client, { ...author, run: 'other' }, { file, step: 0, state: 'transaction' });
    expect(await readJournal(client, 'r')).toEqual([
      { ...file, ...{ id: 1, runId: 'r', token: 5, step: 2, state: 'refused', xid, at: expect.any(Date), detail } },
    ]);
    expect((await readStepJournal(client, [file.version])).map(({ runId }) => runId)).toEqual(['r']);
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

test('of a step the last word counts', () => {
  const row = { ...file, id: 1, runId: 'r', token: 1, xid: '1', at: new Date(), detail: null };
  const states = stepStates([
    { ...row, step: 0, state: 'transaction' },
    { ...row, step: 1, state: 'intent' },
    { ...row, step: 1, state: 'done' },
    { ...row, step: 2, state: 'intent' },
    { ...row, step: 2, state: 'refused' },
    { ...row, step: 3, state: 'intent' },
    { ...row, step: 3, state: 'accepted' },
    { ...row, step: 4, state: 'refused' },
    { ...row, step: 4, state: 'intent' },
  ]);
  expect([...states]).toEqual([
    [1, 'done'],
    [2, 'refused'],
    [3, 'accepted'],
    [4, 'begun'],
  ]);
});
