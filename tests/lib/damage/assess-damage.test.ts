import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Client } from 'pg';
import { acceptState } from '../../../lib/damage/accept-state.ts';
import { assessDamage, assessFailure } from '../../../lib/damage/assess-damage.ts';
import { validateSchema } from '../../../lib/damage/validate-schema.ts';
import { readDocument } from '../../../lib/documents/documents.ts';
import type { Release } from '../../../lib/migrations/release.ts';
import { CREATE_OWN_TABLES } from '../../../lib/postgres/tables.ts';
import { liftQuarantine } from '../../../lib/quarantine/lift.ts';
import { readQuarantine } from '../../../lib/quarantine/quarantine.ts';
import { acceptedSchema } from '../../../lib/runs/accepted-schema.ts';
import { appliedFiles } from '../../../lib/runs/applied-files.ts';
import { readEvidence } from '../../../lib/runs/evidence.ts';
import { keys } from '../../../lib/runs/keys.ts';
import { readCheck } from '../../../lib/schema/checks/read-check.ts';
import { type Bucket, openBucket } from '../../support/bucket.ts';
import { loneRun } from '../../support/lone-run.ts';
import { startPostgres, type TestPostgres, withDatabase } from '../../support/postgres.ts';
import { releaseOf } from '../../support/runner.ts';

let postgres: TestPostgres;
let bucket: Bucket;
beforeAll(async () => {
  [postgres, bucket] = await Promise.all([startPostgres(), openBucket()]);
});
afterAll(() => Promise.all([postgres?.stop(), bucket?.close()]));

const onFresh = async <T>(use: (client: Client) => Promise<T>) =>
  withDatabase(await postgres.freshDatabase(), async (client) => {
    await client.query(CREATE_OWN_TABLES);
    return use(client);
  });
const putText = (Key: string, Body: string) =>
  bucket.documents.s3.send(new PutObjectCommand({ Bucket: bucket.documents.bucket, Key, Body }));

/** What the runner commits for a file in one transaction. */
async function applied(client: Client, run: string, version: number): Promise<void> {
  await client.query(
    `insert into carthub_db.journal (run_id, token, version, file, sha256, step, state) values ($1, 1, $2, $3, 'x', 0, 'transaction')`,
    [run, version, `00${version}.do.x.sql`],
  );
  await client.query(
    `insert into carthub_db.schemaversion (version, name, run_at, run_id, duration_ms) values ($1, 'x', now(), $2, $3)`,
    [version, run, version * 100],
  );
}

test.each([
  ['a plan that is half written', keys.plan('a'), 'Untouched'],
  ['a release that is half written', loneRun('a').release ?? '', 'Untouched'],
])('%s stops no assessment, and is noted', async (_what, key, state) => {
  await putText(key, '{"format": 1, "ru');
  const found = await onFresh((client) => assessDamage({ client, documents: bucket.documents, run: loneRun('a') }));
  expect(found).toMatchObject({ state, notes: expect.arrayContaining([expect.stringContaining(key)]) });
});

test('the files that a run applied are told by the database, and those of other runs are not', async () => {
  await onFresh(async (client) => {
    await applied(client, 'before', 1);
    await applied(client, 'killed', 2);
    await applied(client, 'killed', 3);
    await assessDamage({ client, documents: bucket.documents, run: loneRun('killed') });
  });
  const kept = await readDocument(bucket.documents, keys.applied('killed'), appliedFiles);
  expect(kept?.value.files).toEqual([
    { version: 2, file: '002.do.x.sql', durationMs: 200 },
    { version: 3, file: '003.do.x.sql', durationMs: 300 },
  ]);
});

test('a file that did damage is quarantined with its assessment, once, and a person who accepts that does not do it again', async () => {
  const { documents } = bucket;
  const detail = { sqlState: '23514', mayHaveCommitted: true, droppedIndexes: [] };
  const of = (id: string) => loneRun(id, { database: 'filled' });
  const assess = (client: Client, id: string, at: string) =>
    assessFailure({ client, documents, run: of(id), now: () => new Date(at) });
  await onFresh(async (client) => {
    for (const [run, state] of [
      ['first', 'refused'],
      ['second', 'refused'],
    ])
      await client.query(
        `insert into carthub_db.journal (run_id, token, version, file, sha256, step, state, detail) values ($1, 1, 2, '002.do.x.sql', 'x', 1, $2, $3)`,
        [run, state, detail],
      );
    expect(await assess(client, 'first', '2026-01-01T00:00:00Z')).toMatchObject({ state: 'Dirty' });
    await assess(client, 'second', '2026-01-01T01:00:00Z');
    expect((await readQuarantine(documents, 'filled')).files).toMatchObject([
      { file: '002.do.x.sql', sha256: 'x', run: 'first', since: '2026-01-01T00:00:00.000Z' },
    ]);
    const word = { files: 'all' as const, by: 'me', reason: 'the disk', now: new Date() };
    await liftQuarantine({ documents, database: 'filled', ...word });
    const run = loneRun('looked', { kind: 'accept-state', database: 'filled', reason: 'looked at it' });
    await acceptState({ client, documents, run, dirtyRun: of('second'), token: 2 });
  });
  expect((await readQuarantine(documents, 'filled')).files).toEqual([]);
});

test('an accepted schema that cannot be read is replaced by the one that a person accepts', async () => {
  await putText(keys.accepted('carthub'), 'not JSON');
  const run = loneRun('accepting', { kind: 'accept-state', reason: 'looked at it' });
  await onFresh((client) =>
    acceptState({ client, documents: bucket.documents, run, dirtyRun: loneRun('dirty'), token: 2 }),
  );
  const kept = await readDocument(bucket.documents, keys.accepted('carthub'), acceptedSchema);
  expect(kept?.value).toMatchObject({ run: 'accepting', version: 0 });
});

test('the safe checks of a release are tried when it is applied, and one that does not hold is a note', async () => {
  const check = (file: string, sql: string) =>
    readCheck(`checks/${file}`, `-- versions: 1..\n-- safe on a real database\n-- Of rows.\n\n-- holds: it\n${sql};\n`);
  const made = await releaseOf({ '001.do.x.sql': 'select 1;' });
  const checks = await Promise.all([check('a.sql', 'select true'), check('b.sql', 'select false')]);
  const slow = await check('c.sql', 'select pg_sleep(60) is null');
  const release: Release = { ...made, checks: [...checks, slow] };
  const run = loneRun('checked', { target: 1 });
  await onFresh(async (client) => {
    await applied(client, 'checked', 1);
    expect(await validateSchema({ client, documents: bucket.documents, run, release })).toMatchObject({ version: 1 });
  });
  const { notes, unproven } = await readEvidence(bucket.documents, 'checked');
  expect(notes).toEqual([
    'A check does not hold on this database: checks/b.sql: it: It returned [{"?column?":false}], and should return one row with true.',
    expect.stringContaining('checks/c.sql: it: canceling statement due to statement timeout'),
  ]);
  expect(unproven).toContain('Nobody knows');
}, 30_000);
