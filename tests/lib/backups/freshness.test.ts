import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readCatalogue } from '../../../lib/backups/catalogue.ts';
import { drillRecord, drillsKey, recordDrill } from '../../../lib/backups/drill-record.ts';
import { type Freshness, freshnessOf } from '../../../lib/backups/freshness.ts';
import { metricsLine } from '../../../lib/backups/metrics.ts';
import { expireAndRecord } from '../../../lib/backups/retain.ts';
import { POLICY } from '../../../lib/backups/retention.ts';
import { retentionKey, retentionRecord } from '../../../lib/backups/retention-record.ts';
import { readDocument } from '../../../lib/documents/documents.ts';
import { type BackupBench, openBackupBench } from '../../support/backups.ts';
import { backupMaker } from '../../support/made-backups.ts';

const NOW = new Date();
const HOUR = 3_600;
const nothing = { drills: null, retention: null, latestRestorable: null, now: NOW };

let bench: BackupBench;
let maker: ReturnType<typeof backupMaker>;
beforeAll(async () => {
  bench = await openBackupBench();
  maker = backupMaker(bench.documents, NOW);
});
afterAll(() => bench.close());

const find = async () => (await readDocument(bench.documents, drillsKey('carthub'), drillRecord))?.value ?? null;

test('where there is nothing no age is known, and the metrics leave them out, so that the alarms fire', () => {
  const none = freshnessOf({ ...nothing, catalogue: { backups: [], unreadable: [] } });
  expect(none).toEqual({
    ...{ backupAge: null, verifiedBackupAge: null, drillAge: null, retentionAge: null, restorableLag: null },
    ...{ verifiedBackups: 0, doubtfulBackups: 0 },
  });
  const line = metricsLine('carthub', none, NOW);
  expect(line).toEqual({
    _aws: {
      Timestamp: NOW.getTime(),
      CloudWatchMetrics: [
        {
          ...{ Namespace: 'carthub-db', Dimensions: [['Database']] },
          Metrics: [
            { Name: 'VerifiedBackups', Unit: 'Count' },
            { Name: 'DoubtfulBackups', Unit: 'Count' },
          ],
        },
      ],
    },
    ...{ Database: 'carthub', event: 'freshness', VerifiedBackups: 0, DoubtfulBackups: 0 },
  });
});

test('the ages are those of the contents; what is damaged does not count, and is counted', async () => {
  await maker.make('night-3', 3);
  await maker.drill('night-3', { at: new Date(NOW.getTime() - 48 * HOUR * 1_000).toISOString() });
  await maker.make('night-2', 2);
  await maker.make('night-1', 1);
  await maker.verify('night-1', { result: 'damaged', findings: ['cut'] });
  await maker.make('night-0', 0.5, { verified: false });
  const catalogue = await readCatalogue(bench.documents);
  const lag = new Date(NOW.getTime() - 300_000);
  expect(freshnessOf({ ...nothing, catalogue, latestRestorable: lag })).toEqual({
    ...{ backupAge: 12 * HOUR, verifiedBackupAge: 48 * HOUR, drillAge: 48 * HOUR, retentionAge: null },
    ...{ restorableLag: 300, verifiedBackups: 2, doubtfulBackups: 1 },
  });
});

test('a backup that its drill could not restore is doubtful, until one restores it', async () => {
  const doubtful = async () =>
    freshnessOf({ ...nothing, catalogue: await readCatalogue(bench.documents) }).doubtfulBackups;
  const before = await doubtful();
  await maker.drill('night-2', { result: 'failed', findings: ['an extension is missing'] });
  expect(await doubtful()).toBe(before + 1);
  await maker.drill('night-2');
  expect(await doubtful()).toBe(before);
});

test('a drill is remembered when its backup has expired, and so is which schemas were restored', async () => {
  const drill = (backup: string, digest: string, hoursAgo: number) =>
    recordDrill(bench.documents, 'carthub', {
      ...{ backup, at: new Date(NOW.getTime() - hoursAgo * HOUR * 1_000).toISOString(), restoreMs: 5, bytes: 9 },
      schema: { version: 3, digest },
    });
  await drill('night-9', 'one', 30);
  await drill('night-8', 'two', 20);
  await drill('night-7', 'one', 10);
  const drills = await find();
  expect(drills?.digests).toEqual(['one', 'two']);
  const fresh = freshnessOf({ ...nothing, catalogue: { backups: [], unreadable: [] }, drills });
  expect(fresh.drillAge).toBe(10 * HOUR);
});

test('expiring writes down what it did and by which policy, also when it may remove nothing', async () => {
  const policy = { ...POLICY, days: 1, weeks: 0, months: 0 };
  const expire = () =>
    expireAndRecord({
      ...{ documents: bench.documents, database: 'carthub', run: 'run-1', policy },
      ...{ log: () => undefined, now: () => new Date() },
    });
  expect(await expire()).toMatchObject({ blocked: 'the last backup, night-0, is not verified', expired: 0 });
  await maker.verify('night-0');
  expect(await expire()).toMatchObject({ blocked: null, expired: 3, refused: 0 });
  const { value } = (await readDocument(bench.documents, retentionKey('carthub'), retentionRecord)) ?? {};
  expect(value).toMatchObject({ policy, expired: ['night-1', 'night-2', 'night-3'], run: 'run-1' });
  const catalogue = await readCatalogue(bench.documents);
  expect(catalogue.backups.map(({ id }) => id)).toEqual(['night-0']);
  const now = new Date();
  expect(freshnessOf({ ...nothing, now, catalogue, retention: value ?? null }).retentionAge).toBeLessThan(60);
});

test('every alarm watches a metric that is written, and every age has its alarm, which missing data sets off', () => {
  const all: Freshness = {
    ...{ backupAge: 1, verifiedBackupAge: 1, drillAge: 1, retentionAge: 1, restorableLag: 1 },
    ...{ verifiedBackups: 1, doubtfulBackups: 1 },
  };
  const text = readFileSync(join(import.meta.dirname, '../../../resources/freshness.yml'), 'utf8');
  const alarms = text.split(/\n {2}(?=\w+:\n)/).filter((each) => each.includes('AWS::CloudWatch::Alarm'));
  const watched = alarms.map((alarm) => /MetricName: (\w+)/.exec(alarm)?.[1] ?? '');
  const written = Object.keys(metricsLine('carthub', all, NOW));
  expect(written).toEqual(expect.arrayContaining(watched));
  expect(watched.toSorted()).toEqual(
    written.filter((name) => /^[A-Z]/.test(name) && !['Database', 'VerifiedBackups'].includes(name)).toSorted(),
  );
  for (const alarm of alarms) {
    expect(alarm).toMatch(/Namespace: carthub-db\n[\s\S]*Name: Database\n[\s\S]*TreatMissingData: breaching\n/);
    expect(alarm).toContain('AlarmActions: [!Ref AlarmTopic]');
  }
});
