import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Client } from 'pg';
import { acceptState } from '../../../lib/damage/accept-state.ts';
import { assessDamage } from '../../../lib/damage/assess-damage.ts';
import { readDocument } from '../../../lib/documents/documents.ts';
import { type JournalRow, readOpenSteps } from '../../../lib/journal/journal.ts';
import { stepsOf } from '../../../lib/journal/steps.ts';
import { CREATE_OWN_TABLES } from '../../../lib/postgres/tables.ts';
import { acceptedSchema } from '../../../lib/runs/accepted-schema.ts';
import { keys } from '../../../lib/runs/keys.ts';
import type { ResumeAt } from '../../../lib/runs/run.ts';
import { type Bucket, openBucket } from '../../support/bucket.ts';
import { loneRun } from '../../support/lone-run.ts';
import { startPostgres, type TestPostgres, withDatabase } from '../../support/postgres.ts';

let postgres: TestPostgres;
let bucket: Bucket;
beforeAll(async () => {
  [postgres, bucket] = await Promise.all([startPostgres(), openBucket()]);
});
afterAll(() => Promise.all([postgres?.stop(), bucket?.close()]));

const FILE = '002.do.x.sql';
const refused = { sqlState: '22012', mayHaveCommitted: false, droppedIndexes: [] };

/** A database in which the run `dirty` left these rows about the statements of a file. */
async function left(rows: [number, JournalRow['state'], object?][], use: (client: Client) => Promise<void>) {
  await withDatabase(await postgres.freshDatabase(), async (client) => {
    await client.query(CREATE_OWN_TABLES);
    for (const [step, state, detail] of rows) {
      await client.query(
        `insert into carthub_db.journal (run_id, token, version, file, sha256, step, state, detail) values ('dirty', 1, 2, $1, 'x', $2, $3, $4)`,
        [FILE, step, state, JSON.stringify(detail ?? { statement: `hash ${step}` })],
      );
    }
    await use(client);
  });
}

const accept = (client: Client, resumeAt: ResumeAt | null, token = 2) =>
  acceptState({
    ...{ client, documents: bucket.documents, dirtyRun: loneRun('dirty', { release: null }), token },
    run: loneRun('accepting', { kind: 'accept-state', reason: 'looked at it', resumeAt }),
  });

const states = async (client: Client) =>
  stepsOf(await readOpenSteps(client)).map(({ number, state, statement, row }) => [
    ...[number, state, statement],
    `${row.runId} ${row.token}`,
  ]);

test('a statement of which nobody knows the end runs again, or counts as done where the person says so', async () => {
  const broken: [number, JournalRow['state']][] = [
    [1, 'intent'],
    [1, 'done'],
    [2, 'intent'],
  ];
  await left(broken, async (client) => {
    const { assessment } = await accept(client, null);
    expect(assessment).toHaveProperty('notes', [
      `The next run goes on in ${FILE} with statement 2; the first 1 counts as done.`,
    ]);
    expect(await states(client)).toEqual([
      [1, 'done', 'hash 1', 'dirty 1'],
      [2, 'again', 'hash 2', 'accepting 2'],
    ]);
  });
  await left(broken, async (client) => {
    const resumeAt = { file: FILE, step: 3 };
    const { assessment } = await accept(client, resumeAt);
    expect(assessment).toHaveProperty('notes.0', expect.stringContaining('with statement 3; the first 2'));
    expect(await states(client)).toEqual([
      [1, 'done', 'hash 1', 'dirty 1'],
      [2, 'accepted', 'hash 2', 'accepting 2'],
    ]);
    const rows = await readOpenSteps(client);
    await accept(client, resumeAt);
    expect(await readOpenSteps(client)).toEqual(rows);
  });
});

test('a statement that committed a part and failed is for the person to judge like one that never ended', async () => {
  const failed: [number, JournalRow['state'], object?][] = [
    [1, 'intent'],
    [1, 'refused', { ...refused, mayHaveCommitted: true }],
  ];
  await left(failed, async (client) => {
    await accept(client, { file: FILE, step: 2 });
    expect(await states(client)).toEqual([[1, 'accepted', 'hash 1', 'accepting 2']]);
  });
});

test.each([
  [FILE, 1, 'statement 1 is noted as done'],
  [FILE, 4, 'statement 3 was never begun'],
  ['003.do.y.sql', 1, 'no statement of 003.do.y.sql was begun'],
])('to go on in %s at statement %i is refused, and nothing is accepted', async (file, step, why) => {
  await left(
    [
      [1, 'intent'],
      [1, 'done'],
      [2, 'intent'],
    ],
    async (client) => {
      await expect(accept(client, { file, step })).rejects.toMatchObject({
        name: 'ResumeAtError',
        message: expect.stringContaining(why),
        remedy: `What is open: ${FILE} (1 done, 2 unknown).`,
      });
      expect((await readOpenSteps(client)).map(({ runId }) => runId)).toEqual(['dirty', 'dirty', 'dirty']);
    },
  );
});

test('whoever lost the right to the database accepts nothing', async () => {
  await left([[1, 'intent']], async (client) => {
    await client.query('update carthub_db.fence set token = 9');
    await expect(accept(client, null)).rejects.toMatchObject({ name: 'FencedError' });
    expect(await states(client)).toEqual([[1, 'unknown', 'hash 1', 'dirty 1']]);
  });
});

test('a clean stop in the middle of a file keeps the schema that it left, for the run that goes on', async () => {
  await left(
    [
      [1, 'intent'],
      [1, 'done'],
      [2, 'intent'],
      [2, 'refused', refused],
    ],
    async (client) => {
      const run = loneRun('dirty', { release: null, database: 'stopped' });
      expect(await assessDamage({ client, documents: bucket.documents, run })).toMatchObject({
        ...{ state: 'AtVersion', resumeAt: { file: FILE, step: 2 } },
      });
    },
  );
  const kept = await readDocument(bucket.documents, keys.accepted('stopped'), acceptedSchema);
  expect(kept?.value).toMatchObject({ run: 'dirty', version: 0 });
});
