import { DeleteObjectCommand, ListObjectVersionsCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readCatalogue, toKept } from '../../../lib/backups/catalogue.ts';
import { expire } from '../../../lib/backups/expire.ts';
import { backupKeys } from '../../../lib/backups/keys.ts';
import { POLICY } from '../../../lib/backups/retention.ts';
import { putResult } from '../../../lib/backups/verify.ts';
import { fault } from '../../../local/faults/fault.ts';
import { type BackupBench, openBackupBench } from '../../support/backups.ts';
import { backupMaker } from '../../support/made-backups.ts';

let bench: BackupBench;
let maker: ReturnType<typeof backupMaker>;
beforeAll(async () => {
  bench = await openBackupBench();
  maker = backupMaker(bench.documents, today);
});
afterAll(() => bench.close());

const DAY = 86_400_000;
const today = new Date();
const put: typeof maker.put = (key, body) => maker.put(key, body);
const makeBackup = (id: string, daysAgo: number, verified = true) => maker.make(id, daysAgo, { verified });

function run(more: Partial<Parameters<typeof expire>[0]> = {}) {
  const policy = { ...POLICY, days: 2, weeks: 0, months: 0 };
  return expire({
    ...{ documents: bench.documents, policy, lastRun: 'succeeded', dryRun: false, now: () => new Date() },
    ...{ log: () => undefined, ...more },
  });
}

async function versions(prefix: string): Promise<number> {
  const { s3, bucket } = bench.documents;
  const { Versions, DeleteMarkers } = await s3.send(new ListObjectVersionsCommand({ Bucket: bucket, Prefix: prefix }));
  return (Versions ?? []).length + (DeleteMarkers ?? []).length;
}

test('expiring removes every version of what a manifest lists, and nothing else; a dry run removes nothing', async () => {
  for (const age of [0, 1, 3]) await makeBackup(`plain-${age}`, age);
  await put(backupKeys.dump('plain-3', 'run-of-plain-3', 7), 'listed by nobody');
  await put('backups/plain-3/notes.txt', 'of a person');
  await put('backups/README', 'of a person');
  const dry = await run({ dryRun: true });
  expect([dry.expired, dry.deletedVersions]).toEqual([['plain-3'], 0]);
  expect(await versions('backups/plain-3/')).toBe(8);
  const done = await run();
  expect([done.expired, done.deletedVersions, done.refused]).toEqual([['plain-3'], 6, []]);
  const { backups, orphans, foreign } = await readCatalogue(bench.documents);
  expect(backups.map(({ id }) => id)).toEqual(['plain-0', 'plain-1']);
  expect(orphans.map(({ keys }) => keys)).toEqual([['backups/plain-3/run-of-plain-3/dump-0007']]);
  expect(foreign.toSorted()).toEqual(['backups/README', 'backups/plain-3/notes.txt']);
});

test('orphans go when they are old and a backup came after them', async () => {
  await makeBackup('fresh', 0);
  const result = await run({ policy: { ...POLICY, orphanDays: -1 } });
  expect(result.orphans.map(({ id }) => id)).toEqual(['plain-3']);
  expect(await versions('backups/plain-3/run')).toBe(0);
  expect(await versions('backups/plain-3/notes.txt')).toBe(1);
});

test('a backup whose object was written over, or whose result is of another manifest, does not count as verified', async () => {
  const made = await makeBackup('changed', 0.1);
  const find = async () => (await readCatalogue(bench.documents)).backups.find(({ id }) => id === 'changed');
  expect(toKept((await find()) ?? fail()).verified).toBe(true);
  await put(made.dump[1]?.key ?? '', 'not 2.');
  const entry = (await find()) ?? fail();
  expect(entry.changed).toEqual([expect.stringMatching(/dump-0002 was written over at/)]);
  expect(toKept(entry).verified).toBe(false);
  const other = await makeBackup('other', 0.2, false);
  await putResult(bench.documents, backupKeys.verified(other.id), { ...entry.verification, id: 'other' });
  expect((await readCatalogue(bench.documents)).backups.find(({ id }) => id === 'other')?.verification).toBeNull();
  await maker.verify('other');
});

test('a hold keeps a backup, a manifest that cannot be read is left alone, and the catalogue says both', async () => {
  await makeBackup('held', 40);
  await putResult(bench.documents, backupKeys.hold('held'), {
    format: 1,
    id: 'held',
    until: null,
    reason: 'An audit.',
  });
  await put(backupKeys.manifest('broken'), '{"format": 2}');
  const catalogue = await readCatalogue(bench.documents);
  expect(catalogue.backups.find(({ id }) => id === 'held')?.heldUntil).toBe('ever');
  expect(catalogue.unreadable).toEqual([
    { id: 'broken', reason: expect.stringContaining('backups/broken/manifest.json') },
  ]);
  const made = await makeBackup('latest', 0);
  await put(backupKeys.manifest('thief'), JSON.stringify({ ...made, id: 'thief' }));
  expect((await readCatalogue(bench.documents)).unreadable.map(({ id }) => id).toSorted()).toEqual(['broken', 'thief']);
  expect((await run()).expired).not.toContain('held');
  expect(await versions('backups/held/')).toBeGreaterThan(5);
});

test('what S3 does not let us delete is told, and a clock that is off deletes nothing', async () => {
  await makeBackup('locked', 50);
  const late = () => new Date(Date.now() + 10 * DAY);
  await expect(run({ now: late })).rejects.toMatchObject({ name: 'ClockSkewError' });
  bench.faults.arm(
    fault.parse({ service: 's3', operation: 'DeleteObjects', mode: 'fail-before', code: 'AccessDenied', status: 403 }),
  );
  await makeBackup('newest', 0);
  await expect(run()).rejects.toMatchObject({ name: 'BackupPermissionError' });
  expect((await readCatalogue(bench.documents)).backups.map(({ id }) => id)).toContain('locked');
  await run();
  expect((await readCatalogue(bench.documents)).backups.map(({ id }) => id)).not.toContain('locked');
});

test('a backup whose manifest somebody removed is no orphan: nothing of it goes, and it is told', async () => {
  const { s3, bucket } = bench.documents;
  for (const id of ['gone-held', 'gone-plain']) await makeBackup(id, 30, id === 'gone-held');
  const hold = { format: 1, id: 'gone-held', until: null, reason: 'An audit.' };
  await putResult(bench.documents, backupKeys.hold('gone-held'), hold);
  for (const id of ['gone-held', 'gone-plain'])
    await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: backupKeys.manifest(id) }));
  await put(backupKeys.dump('gone-result', 'run', 1), 'dump');
  await put(backupKeys.verified('gone-result'), '{}');
  // What a drill writes after its backup has gone.
  await put(backupKeys.drilled('long-gone'), '{}');
  await makeBackup('after-gone', 0);
  const before = await versions('backups/gone-');
  const { unreadable, orphans } = await readCatalogue(bench.documents);
  const told = unreadable.filter(({ reason }) => /^Its manifest is gone: look at its versions/.test(reason));
  expect(told.map(({ id }) => id).toSorted()).toEqual(['gone-held', 'gone-plain', 'gone-result']);
  expect(orphans.map(({ id }) => id)).not.toContain('gone-plain');
  await run({ policy: { ...POLICY, orphanDays: -1 } });
  expect(await versions('backups/gone-')).toBe(before);
});

test('wherever an expiring dies, what is left counts as nothing, and the next one removes it', async () => {
  for (const skip of [0, 1, 2]) {
    const id = `dies-${skip}`;
    await makeBackup(id, 60);
    await makeBackup(`after-dies-${skip}`, 0);
    bench.faults.arm(
      fault.parse({
        service: 's3',
        operation: 'DeleteObjects',
        mode: 'fail-before',
        code: 'AccessDenied',
        status: 403,
        skip,
      }),
    );
    await expect(run()).rejects.toMatchObject({ name: 'BackupPermissionError' });
    expect(await versions(`backups/${id}/run-`)).toBe(4);
    const { backups, orphans } = await readCatalogue(bench.documents);
    expect(backups.filter((one) => one.id === id).map((one) => toKept(one).verified)).toEqual(
      [[true], [false], []][skip],
    );
    expect(orphans.filter((one) => one.id === id)).toHaveLength(skip === 2 ? 1 : 0);
    await run({ policy: { ...POLICY, days: 2, weeks: 0, months: 0, orphanDays: -1 } });
    expect(await versions(`backups/${id}/`)).toBe(0);
  }
});

test.each([
  ['a retention', 'GetObjectRetentionCommand', { Retention: { RetainUntilDate: new Date('2999-01-01T00:00:00Z') } }],
  ['a legal hold', 'GetObjectLegalHoldCommand', { LegalHold: { Status: 'ON' } }],
])('%s on one object of the data keeps the whole backup', async (_, command, answer) => {
  const id = `kept-${command.slice(9, 14).toLowerCase()}`;
  const made = await makeBackup(id, 70);
  await makeBackup(`after-${id}`, 0);
  const before = await versions(`backups/${id}/`);
  const { middlewareStack } = bench.documents.s3;
  middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        if (!/^GetObject(Retention|LegalHold)Command$/.test(commandName ?? '')) return next(args);
        const isIt = 'Key' in args.input && args.input.Key === made.dump[1]?.key && commandName === command;
        if (isIt) return { response: {}, output: { $metadata: {}, ...answer } };
        throw Object.assign(new Error('It has no lock.'), { name: 'NoSuchObjectLockConfiguration' });
      },
    { step: 'initialize', name: 'locks' },
  );
  try {
    expect((await run()).expired).not.toContain(id);
    expect(await versions(`backups/${id}/`)).toBe(before);
  } finally {
    middlewareStack.remove('locks');
  }
  expect((await run()).expired).toContain(id);
});

test('lists that come in many pages are read to their end', async () => {
  await Promise.all(Array.from({ length: 12 }, (_, n) => put(backupKeys.dump('many', 'run-many', n + 1), 'x')));
  await put(backupKeys.dump('many', 'run-many', 1), 'written over');
  const { backups } = await readCatalogue(bench.documents);
  // S3 gives 1,000 at once; here it gives five.
  bench.documents.s3.middlewareStack.add(
    (next) => async (args) =>
      next({ ...args, input: 'Prefix' in args.input ? { ...args.input, MaxKeys: 5 } : args.input }),
    { step: 'initialize', name: 'smallPages', priority: 'low' },
  );
  const paged = await readCatalogue(bench.documents);
  expect(paged.orphans.find(({ id }) => id === 'many')?.keys).toHaveLength(12);
  expect(paged.backups).toEqual(backups);
  await makeBackup('zz-last', 0);
  await run({ policy: { ...POLICY, orphanDays: -1 } });
  expect(await versions('backups/many/')).toBe(0);
});

function fail(): never {
  throw new Error('It is not in the catalogue.');
}
