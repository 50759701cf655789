import { GetObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Client } from 'pg';
import { makeRelease } from '../../../cli/release/make.ts';
import { putDocument, replaceDocument } from '../../../lib/documents/documents.ts';
import { FencedError } from '../../../lib/journal/fence.ts';
import { type NamedWriteCounts, readWriteCounts } from '../../../lib/lost-writes/write-counts.ts';
import { writeAcceptance } from '../../../lib/restore/acceptance.ts';
import type { WithSides } from '../../../lib/restore/both-sides.ts';
import { findWrites } from '../../../lib/restore/find-writes.ts';
import { findSlice, type Pass } from '../../../lib/restore/found-writes.ts';
import { FreezeExpiredError } from '../../../lib/restore/freeze-errors.ts';
import { decideLoss } from '../../../lib/restore/judge-loss.ts';
import { readLoss } from '../../../lib/restore/loss-document.ts';
import { LossNotAcceptedError, ReplayConflictError } from '../../../lib/restore/loss-errors.ts';
import type { RestoreOptions, RestoreOrder } from '../../../lib/restore/order.ts';
import { replayWrites } from '../../../lib/restore/replay-writes.ts';
import { keys } from '../../../lib/runs/keys.ts';
import { testContext } from '../../cli/context.ts';
import { type Bucket, openBucket } from '../../support/bucket.ts';
import { loop } from '../../support/loop.ts';
import { withDatabase } from '../../support/postgres.ts';
import { freezeOf, planOf } from '../../support/restore-documents.ts';
import { type Restorable, startRestorable } from '../../support/restored-copy.ts';
import { prepare, runSteps, TOKEN } from '../lost-writes/search.ts';
import { BASE, FILE, HAPPENS, IGNORE, STEPS } from './writes-scenes.ts';

const NAMES = ['proved', 'conflict', 'ddl', 'moment', 'latest', 'broken'];

let bucket: Bucket;
let restorable: Restorable;
let copyAt: Awaited<ReturnType<Restorable['restore']>>;
let snapshot: string;
const counts = new Map<string, NamedWriteCounts>();

beforeAll(async () => {
  [bucket, restorable] = await Promise.all([openBucket(), startRestorable()]);
  const { context } = testContext();
  const texts = { '1.do.base.sql': BASE, '2.do.backfill.sql': FILE };
  const files = Object.entries(texts).map(([file, sql], at) => ({
    ...{ version: at + 1, name: file, file, action: 'do' as const, bytes: Buffer.from(sql), md5: 'x' },
  }));
  const made = await makeRelease({ files, ignore: IGNORE, cache: null, context });
  for (const { key, bytes } of made.documents) await putDocument(bucket.documents, key, JSON.parse(`${bytes}`), null);
  const [, file] = made.release.files;
  if (!file) throw new Error('there are two');
  for (const name of NAMES) {
    await withDatabase(await restorable.createDatabase(name), async (client) => {
      await prepare(client);
      await client.query(`insert into carthub_db.schemaversion (version, name, md5, run_at) values (1, 'base', 'x', now());
        ${BASE} insert into carts select i, i from generate_series(1, 10) i;
        insert into log select i, 'old' from generate_series(1, 20) i`);
    });
  }
  await restorable.backUp();
  for (const name of NAMES) counts.set(name, await withDatabase(restorable.at(name), readWriteCounts));
  const point = await restorable.makeRestorePoint();
  snapshot = point.snapshot;
  for (const name of NAMES) {
    await withDatabase(restorable.at(name), async (live) => {
      await HAPPENS[name]?.(live, () => runSteps(live, name, STEPS, { atomic: true, file }));
    });
    const planned = { format: 1, run: name, release: made.documents.at(-1)?.key, before: 1, target: 2, history: 1 };
    await put(keys.plan(name), { ...planned, digest: 'd', pending: [] });
    const { since, tables } = counts.get(name) ?? { since: '', tables: {} };
    const known = { format: 1, run: name, snapshot, time: point.time, heartbeatAt: point.time, lsn: '0/0' };
    await put(keys.restorePoint(name), { ...known, counts: { since, tables } });
  }
  copyAt = await restorable.restore(point.time);
}, 60_000);

afterAll(async () => {
  await restorable?.stop();
  await bucket?.close();
});

const put = (key: string, value: unknown) => putDocument(bucket.documents, key, value, null);
const later = (seconds: number) => new Date(Date.now() + seconds * 1000);

/** A restore called as its database, with another name where a database has several. */
function restoring(
  dbname: string,
  options: { run?: string; order?: RestoreOrder; beside?: string } & Partial<RestoreOptions> = {},
) {
  const { run = dbname, order = { to: 'run', run: dbname }, acceptLoss = null, acceptWindowSeconds = 600 } = options;
  const savedSnapshot = order.to === 'run' ? snapshot : null;
  const plan = planOf(run, { order, target: { time: null, snapshot: null, savedSnapshot } });
  const hide = `update pg_database set datallowconn = datname in ('postgres', 'template1', $1, $2)`;
  const withSides: WithSides = (use) =>
    withDatabase(restorable.at(dbname), async (live) => {
      await live.query(hide, [dbname, options.beside ?? '']);
      try {
        return await withDatabase(copyAt(dbname), (copy) => use({ live, copy }));
      } finally {
        await live.query(`update pg_database set datallowconn = datname <> 'template0'`);
      }
    });
  const common = { documents: bucket.documents, withSides, plan, options: { acceptLoss, acceptWindowSeconds } };
  const now = () => new Date();
  return {
    freeze: (listed: string[] = []) =>
      put(keys.restore.freeze(run), freezeOf(run, { until: later(300).toISOString(), listed })),
    find: (pass: Pass, isStubborn = false) =>
      loop<Awaited<ReturnType<typeof findWrites>>>(
        (progress) => findWrites({ ...common, pass, progress, now, maxRows: 4 }),
        isStubborn,
      ),
    judge: (isAutomatic = false, at = now) => decideLoss({ ...common, isAutomatic, now: at }),
    replay: (token = TOKEN + 1) =>
      loop<Awaited<ReturnType<typeof replayWrites>>>(() => replayWrites({ ...common, token, now, maxMs: 50 })),
    loss: () => readLoss(bucket.documents, run),
    accept: (tables: 'all' | 'none' | Record<string, number>) =>
      writeAcceptance(bucket.documents, { run, tables, by: 'me', reason: 'x', at: new Date().toISOString() }),
    lost: async () => {
      const got = await bucket.documents.s3.send(
        new GetObjectCommand({ Bucket: 'documents', Key: keys.restore.lost(run) }),
      );
      const text = (await got.Body?.transformToString()) ?? '';
      return text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
    },
    both: async (sql: string) => {
      const ask = async (client: Client) => (await client.query({ text: sql, rowMode: 'array' })).rows;
      return { live: await withDatabase(restorable.at(dbname), ask), copy: await withDatabase(copyAt(dbname), ask) };
    },
  };
}

test('a half-done backfill, and others wrote elsewhere: all that they wrote is found in slices, proved, and replayed', async () => {
  const restore = restoring('proved');
  const first = await restore.find(1);
  expect(first.slices).toBeGreaterThan(1);
  // Others go on until the freeze.
  await withDatabase(restorable.at('proved'), (live) =>
    live.query(
      `update log set what = 'again' where id = 1; delete from log where id = 100; insert into log values (200, 'late')`,
    ),
  );
  await expect(restore.find(2)).rejects.toThrow(FreezeExpiredError);
  await restore.freeze();
  // A crash after the object of a slice and before the cursor, and an answer that was lost.
  const cursor = { Key: keys.restore.cursor('proved') };
  for (const [skip, mode] of [
    [0, 'fail-before'],
    [2, 'fail-after'],
  ] as const) {
    const fault = { service: 's3', operation: 'PutObject', code: 'InternalFailure', status: 500, times: 1, afterMs: 0 };
    bucket.faults.arm({ ...fault, mode, skip, where: cursor });
  }
  await restore.find(2, true);
  bucket.faults.clear();
  // Only what came after the first pass was read while nobody could write.
  expect((await findSlice(bucket.documents, 'proved', 2, 1))?.cursor.pass).toBe('second');

  expect(await restore.judge(true)).toEqual({ done: true, waitSeconds: 0, decision: 'replay' });
  expect(await restore.loss()).toMatchObject({ nothing: true, beside: [], conflicts: [], waitsUntil: null });
  expect(await restore.replay()).toMatchObject({ done: true, rows: 23 });
  const { live, copy } = await restore.both('select * from log order by id');
  expect(copy).toEqual(live);
  const sequence = await restore.both('select last_value, is_called from numbers');
  expect(sequence.copy).toEqual(sequence.live);
  expect((await restore.both('select sum(total)::int, count(*)::int from carts')).copy).toEqual([[55, 10]]);
  // A Job of the old run has no right there, and who has lost the lease gives nothing.
  expect((await restore.both('select token::int from carthub_db.fence')).copy).toEqual([[TOKEN + 1]]);
  await expect(restore.replay(TOKEN)).rejects.toThrow(FencedError);
  expect(await restore.replay(TOKEN + 2)).toMatchObject({ done: true, rows: 23 });
});

test('rows that are in their object count, whatever another call would find there after a crash', async () => {
  const restore = restoring('ddl', { run: 'crashed' });
  const where = { Key: keys.restore.cursor('crashed') };
  const fault = { service: 's3', operation: 'PutObject', code: 'InternalFailure', status: 500, times: 1, afterMs: 0 };
  bucket.faults.arm({ ...fault, mode: 'fail-before', skip: 0, where });
  await expect(restore.find(1)).rejects.toMatchObject({ name: 'InternalFailure' });
  const written = await findSlice(bucket.documents, 'crashed', 1, 1);
  await withDatabase(restorable.at('ddl'), (live) => live.query(`update log set what = 'later' where id < 4`));
  expect(await restore.find(1)).toMatchObject({ slices: written?.cursor.done ? 1 : expect.any(Number) });
  expect(written).not.toBeNull();
  expect(await findSlice(bucket.documents, 'crashed', 1, 1)).toEqual(written);
  await withDatabase(restorable.at('ddl'), (live) => live.query(`update log set what = 'old' where id < 4`));
});

test('what the run may lie over is a conflict: nobody is asked after a failed migration, a person may accept', async () => {
  const restore = restoring('conflict');
  await restore.freeze();
  await restore.find(2);
  await expect(restore.replay()).rejects.toThrow(LossNotAcceptedError);
  await expect(restore.judge(true)).rejects.toThrow(ReplayConflictError);
  const loss = await restore.loss();
  expect(loss).toMatchObject({ nothing: false, waitsUntil: null });
  expect(loss?.tables).toEqual([
    expect.objectContaining({
      ...{ table: 'public.carts', lost: null, updated: 1 },
      doubts: [
        expect.stringContaining('what others may have written'),
        expect.stringContaining('may have changed before'),
      ],
    }),
    expect.objectContaining({ table: 'public.log', lost: 0, replayed: 1, doubts: [] }),
  ]);
  expect(loss?.conflicts).toEqual([expect.stringContaining(`update only "public"."carts" set "total" = '8'::integer`)]);
  const asked = restoring('conflict', { acceptLoss: 'all' });
  expect(await asked.judge(true)).toMatchObject({ decision: 'accepted' });
  await asked.replay();
  expect((await asked.both('select what from log where id = 100')).copy).toEqual([['new']]);
  expect((await asked.both('select total from carts where id in (1, 9) order by 1')).copy).toEqual([[1], [9]]);
});

test('what others changed of the schema or of roles is a loss, also where nothing is compared, and what our own half-done file changed is none', async () => {
  const ask = (sql: string) => withDatabase(restorable.at('ddl'), (live) => live.query(sql));
  await ask(`create role ours; create role reporting login; grant pg_monitor to reporting; grant reporting to ours;
    alter role reporting set work_mem = '8MB'; alter database ddl set lock_timeout = '1s'`);
  const restore = restoring('ddl', { beside: 'moment' });
  await restore.freeze(['pg_cron']);
  await restore.find(2);
  await ask('alter database ddl reset all; drop role reporting, ours');
  await expect(restore.judge(true)).rejects.toThrow(/index public.log.theirs/);
  expect((await restore.loss())?.beside).toEqual([
    'Others changed index public.log.theirs (new).',
    'Others changed index public.log.unseen (new).',
    'Others changed membership of ours in reporting (new).',
    'Others changed membership of reporting in pg_monitor (new).',
    'Others changed role reporting (new).',
    'Others changed setting lock_timeout in database ddl (new).',
    'Others changed setting work_mem of role reporting (new).',
    'The database moment lies on the same instance; nobody looked at what was written there.',
    'pg_cron may have written after the rows were counted.',
  ]);
});

test('what writes by itself may write on after the last look: then nothing is proved, though nothing was found', async () => {
  const restore = restoring('latest', { run: 'writers', order: { to: 'latest' } });
  await restore.freeze(['subscription s in database d']);
  await restore.find(2);
  expect(await restore.judge()).toMatchObject({ decision: 'wait' });
});

test('of a moment every row is compared: what came after it is lost, to the row, and waits for a word within bounds', async () => {
  const restore = restoring('moment', { order: { to: 'time', time: '2026-01-01T00:00:00Z' } });
  await restore.find(1);
  await restore.freeze();
  await restore.find(2);
  expect(await restore.judge()).toMatchObject({ done: false, waitSeconds: 5, decision: 'wait' });
  const loss = await restore.loss();
  expect(loss?.tables).toEqual([
    { table: 'public.carts', replayed: 0, lost: 3, inserted: 0, updated: 3, deleted: 0, doubts: [] },
    { table: 'public.log', replayed: 0, lost: 3, inserted: 2, updated: 0, deleted: 1, doubts: [] },
    expect.objectContaining({ table: 'public.theirs', lost: null }),
  ]);
  // The accept window is within the freeze, with time left to go on.
  expect(Date.parse(loss?.waitsUntil ?? '') - Date.now()).toBeLessThanOrEqual(240_000);
  expect((await restore.lost()).map(({ table, kind, key, live }) => [table, kind, key.id, live?.what])).toEqual(
    expect.arrayContaining([
      ['public.log', 'insert', '100', "it's new"],
      ['public.log', 'delete', '5', undefined],
      ['public.carts', 'update', '3', undefined],
    ]),
  );
  await expect(restore.judge(false, () => later(301))).rejects.toThrow(LossNotAcceptedError);
  await restore.accept({ carts: 3, 'public.log': 3 });
  expect(await restore.judge()).toMatchObject({ decision: 'wait' });
  await restore.accept('none');
  await expect(restore.judge()).rejects.toThrow(/3 rows of public.carts, 3 rows of public.log/);
  await restore.accept('all');
  expect(await restore.judge()).toMatchObject({ done: true, decision: 'accepted' });
  expect(await restore.loss()).toMatchObject({ waitsUntil: null });
  await replaceDocument(bucket.documents, keys.restore.cursor('moment'), 'of rows that nobody reads again');
  expect(await restore.replay()).toMatchObject({ rows: 0 });
  expect((await restore.both('select count(*)::int from log')).copy).toEqual([[20]]);
});

test('the latest moment is to lose nothing: what came after it is replayed, found without a saved snapshot', async () => {
  const restore = restoring('latest', { order: { to: 'latest' } });
  await restore.freeze();
  await restore.find(2);
  expect(await restore.judge()).toMatchObject({ decision: 'replay' });
  await restore.replay();
  const rows = await restore.both('select id, null from carts union all select id, what from log order by 2, 1');
  expect(rows.copy).toEqual(rows.live);
});

test('what the copy does not take ends the replay, and nobody has to accept what was never asked', async () => {
  const restore = restoring('broken', { acceptWindowSeconds: 0 });
  await restore.freeze();
  await restore.find(2);
  await restore.judge(true);
  await withDatabase(copyAt('broken'), (copy) => copy.query(`alter table log add check (what <> 'new')`));
  await expect(restore.replay()).rejects.toThrow(ReplayConflictError);
  expect((await restore.loss())?.notes[0]).toContain('log_what_check');

  const moment = restoring('broken', {
    ...{ run: 'late', acceptWindowSeconds: 0 },
    order: { to: 'snapshot', snapshot: 's' },
  });
  await moment.freeze();
  await moment.find(2);
  await expect(moment.judge()).rejects.toThrow(LossNotAcceptedError);
});
