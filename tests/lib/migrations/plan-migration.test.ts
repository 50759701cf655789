import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Client } from 'pg';
import { readDocument } from '../../../lib/documents/documents.ts';
import { planMigration } from '../../../lib/migrations/plan-migration.ts';
import { CREATE_OWN_TABLES } from '../../../lib/postgres/tables.ts';
import { keepAcceptedSchema } from '../../../lib/runs/accepted-schema.ts';
import { keys } from '../../../lib/runs/keys.ts';
import { plan } from '../../../lib/runs/plan.ts';
import { readDocument as readSchema } from '../../../lib/schema/describe.ts';
import { type Bucket, openBucket } from '../../support/bucket.ts';
import { loneRun } from '../../support/lone-run.ts';
import { startPostgres, type TestPostgres, withDatabase } from '../../support/postgres.ts';
import { releaseOf } from '../../support/runner.ts';

let postgres: TestPostgres;
let bucket: Bucket;
beforeAll(async () => {
  [postgres, bucket] = await Promise.all([startPostgres(), openBucket()]);
  const files = { '001.do.a.sql': 'create table a (id int);', '002.do.b.sql': 'create table b (id int);' };
  await putText(loneRun('any').release ?? '', JSON.stringify(await releaseOf(files)));
});
afterAll(() => Promise.all([postgres?.stop(), bucket?.close()]));

const putText = (Key: string, Body: string) =>
  bucket.documents.s3.send(new PutObjectCommand({ Bucket: bucket.documents.bucket, Key, Body }));
const onFresh = async <T>(use: (client: Client) => Promise<T>) => withDatabase(await postgres.freshDatabase(), use);
const planFor = (client: Client, id: string, planDigest: string | null = null) =>
  planMigration({ client, documents: bucket.documents, run: loneRun(id, { planDigest }) });

test('tells the token in the database, which is 0 where our tables are not there yet', async () => {
  await onFresh(async (client) => {
    expect(await planFor(client, 'new')).toMatchObject({ fence: 0, pending: 2 });
    await client.query(CREATE_OWN_TABLES);
    await client.query('update carthub_db.fence set token = 1234');
    expect(await planFor(client, 'copied')).toMatchObject({ fence: 1234 });
  });
});

test('the plan that was agreed to is carried out, and another one is refused', async () => {
  await onFresh(async (client) => {
    const { digest } = await planFor(client, 'seen');
    expect(await planFor(client, 'agreed', digest)).toMatchObject({ digest });
    await client.query('create table by_another_way (id int)');
    await expect(planFor(client, 'changed', digest)).rejects.toMatchObject({
      name: 'PlanChangedError',
      message: expect.stringContaining(digest),
      remedy: expect.stringContaining('agree'),
    });
    expect(await readDocument(bucket.documents, keys.plan('changed'), plan)).toBeNull();
  });
});

test('a plan or an accepted schema that cannot be read counts as none', async () => {
  await putText(keys.accepted('carthub'), 'half');
  await putText(keys.plan('again'), '{"format": 7}');
  await onFresh((client) => planFor(client, 'again'));
  expect((await readDocument(bucket.documents, keys.plan('again'), plan))?.value).toMatchObject({ run: 'again' });
});

test('where nobody knows the schema, it should be as the last run left it', async () => {
  await onFresh(async (client) => {
    await client.query('create table left_by_a_run (id int)');
    const left = { database: 'carthub', run: 'last', version: 0, schema: await readSchema(client, {}) };
    await keepAcceptedSchema(bucket.documents, left);
    expect(await planFor(client, 'same')).toMatchObject({ before: 0 });
    await client.query('create table by_hand (id int)');
    await expect(planFor(client, 'drifted')).rejects.toMatchObject({
      name: 'DriftError',
      message: 'The schema of carthub is not as run last left it: table public.by_hand is unexpected.',
    });
  });
  await putText(keys.accepted('carthub'), 'half');
});

test('a file that no server would run is refused at its place, unless it is applied already; the version is kept', async () => {
  const made = await releaseOf({ '001.do.a.sql': 'creat table a ();', '002.do.b.sql': 'selec 1;' });
  const place = { file: 'x', line: 1, column: 1, caret: null };
  const refusal = { name: 'MigrationSyntaxError', message: 'no SQL.', remedy: 'Correct the SQL.', place };
  const key = keys.release('b'.repeat(64));
  const files = made.files.map((file) => ({ ...file, refusal: { ...refusal, place: { ...place, file: file.file } } }));
  await putText(key, JSON.stringify({ ...made, files }));
  const planned = (client: Client, id: string) =>
    planMigration({ client, documents: bucket.documents, run: loneRun(id, { release: key }) });
  await onFresh(async (client) => {
    await expect(planned(client, 'both')).rejects.toMatchObject({
      ...{ name: 'UnrunnableFileError', place: { file: '001.do.a.sql', line: 1 } },
      message: 'no SQL. So it is with 002.do.b.sql.',
    });
    await client.query(CREATE_OWN_TABLES);
    await client.query(`insert into carthub_db.schemaversion (version, name) values (1, 'a')`);
    await expect(planned(client, 'second')).rejects.toMatchObject({ place: { file: '002.do.b.sql' } });
  });
  expect((await readDocument(bucket.documents, keys.plan('second'), plan))?.value).toMatchObject({ before: 1 });
});
