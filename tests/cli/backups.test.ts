import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { backupsDocument } from '../../cli/backups/document.ts';
import { expiringLines, foretellExpiring } from '../../cli/backups/expiring.ts';
import { backupsLines } from '../../cli/backups/lines.ts';
import { type Backups, readBackups } from '../../cli/backups/read.ts';
import { showLines } from '../../cli/backups/show-lines.ts';
import { age, size } from '../../cli/backups/size.ts';
import { backupKeys } from '../../lib/backups/keys.ts';
import { POLICY } from '../../lib/backups/retention.ts';
import { retentionKey } from '../../lib/backups/retention-record.ts';
import { putResult } from '../../lib/backups/verify.ts';
import { type BackupBench, openBackupBench } from '../support/backups.ts';
import { backupMaker } from '../support/made-backups.ts';

const NOW = new Date('2026-11-22T12:00:00Z');

let bench: BackupBench;
let maker: ReturnType<typeof backupMaker>;
let found: Backups;
beforeAll(async () => {
  bench = await openBackupBench();
  maker = backupMaker(bench.documents, NOW);
  const tables = [{ schema: 'public', table: 'carts', rows: 5_000 }];
  const byHand = ['# 1. Is it what was stored?', 'aws s3 cp s3://x - | pg_restore --dbname=restored'];
  await maker.make('night-22', 0.4, { tables, restoreByHand: byHand, durationMs: 61_000 });
  await maker.drill('night-22', { restoreMs: 4_200 });
  await maker.make('night-21', 1.4, { verified: false });
  await maker.make('night-12', 10.4);
  await maker.verify('night-12', { result: 'damaged', findings: ['dump-0001 has 3 bytes; 16 were stored'] });
  const changed = await maker.make('night-11', 11.4);
  await maker.put(changed.dump[0]?.key ?? '', 'another');
  await maker.make('audit', 400, { schema: { version: null, digest: 'd' } });
  const hold = { format: 1, id: 'audit', until: '2027-01-05T00:00:00Z', reason: 'The auditors ask for it.' };
  await putResult(bench.documents, backupKeys.hold('audit'), hold);
  await maker.put(backupKeys.manifest('torn'), '{"format":');
  await maker.put(backupKeys.dump('night-20', 'run-7', 1), 'half of it');
  await maker.put('backups/README', 'of a person');
  found = await readBackups(bench.documents, 'carthub', NOW);
});
afterAll(() => bench.close());

test('the list shows of each backup what it is worth, and names what is damaged, unreadable, left over or not ours', () => {
  const lines = backupsLines(found, ' --local');
  expect(lines.slice(0, 7).map((line) => line.split('|').map((cell) => cell.trim()))).toEqual([
    ['id', 'taken (UTC)', 'age', 'size', 'version', 'verified', 'drilled', 'restored in', 'expires', 'hold'],
    [expect.stringMatching(/^-+\+-/)],
    ['night-22', '2026-11-22 02:24', '10 h', '35 B', '3', 'yes', 'yes', '4.2 s', '2026-12-14', ''],
    ['night-21', '2026-11-21 02:24', '34 h', '35 B', '3', 'no', 'no', '-', expect.stringMatching(/^2026-11-2\d$/), ''],
    ['night-12', '2026-11-12 02:24', '10 days', '35 B', '3', 'damaged', 'no', '-', expect.anything(), ''],
    ['night-11', '2026-11-11 02:24', '11 days', '35 B', '3', 'changed', 'no', '-', expect.anything(), ''],
    expect.arrayContaining(['audit', '-', 'yes', expect.stringMatching(/^2027-0[1-9]/), 'held until 2027-01-05']),
  ]);
  const rest = lines.slice(7).join('\n');
  expect(rest).toContain('The newest verified one is night-22, taken 10 h ago.');
  expect(rest).toContain('The last drill restored night-22 in 4.2 s, 0 s ago.');
  expect(rest).toContain('night-12 is damaged, and does not count: dump-0001 has 3 bytes; 16 were stored');
  expect(rest).toMatch(/night-11 is changed, and does not count: .*dump-0001 was written over at/);
  expect(rest).toContain('npx carthub-db backups show night-11 --local');
  expect(rest).toMatch(/torn cannot be read, and is left alone: .*torn\/manifest\.json is not JSON/);
  expect(rest).toMatch(/night-20: run run-7 left 1 object \(10 B, .*\) without a manifest: no backup\./);
  expect(rest).toContain('Not ours below backups/: backups/README');
});

test('one backup is shown with its tables, its objects, what is wrong, and the steps to restore it by hand', () => {
  const of = (id: string) => found.backups.find((one) => one.id === id) ?? fail();
  const text = showLines(of('night-22'), found).join('\n');
  expect(text).toContain('night-22: carthub as it was 10 h ago');
  expect(text).toMatch(/public\.carts +5000/);
  expect(text).toMatch(/backups\/night-22\/run-of-night-22\/dump-0001 .*\n +sha256 [0-9a-f]{64} {2}version /);
  expect(text).toContain('aws s3 cp s3://x - | pg_restore --dbname=restored');
  expect(text).toMatch(/drilled +yes, at 2026-11-22 12:00: restored in 4\.2 s/);
  const damaged = showLines(of('night-12'), found).join('\n');
  expect(damaged).toContain('Not as it should be:\n  dump-0001 has 3 bytes; 16 were stored');
  expect(showLines(of('audit'), found).join('\n')).toMatch(/held +2027-01-05T00:00:00Z/);
});

test('the policy that the last expiring went by decides the dates, and why nothing expired is told', async () => {
  const policy = { ...POLICY, days: 1, weeks: 0, months: 0 };
  const record = {
    format: 1,
    database: 'carthub',
    run: 'r',
    at: NOW.toISOString(),
    policy,
    blocked: 'the last run failed',
  };
  const rest = { expired: [], orphans: [], deletedVersions: 0, freedBytes: 0, refused: [] };
  await putResult(bench.documents, retentionKey('carthub'), { ...record, ...rest });
  const short = await readBackups(bench.documents, 'carthub', NOW);
  expect(short.backups[0]).toMatchObject({ id: 'night-22', expires: '2026-11-23T12:00:00.000Z' });
  expect(backupsLines(short, '').join('\n')).toContain('Nothing expired at 2026-11-22 12:00: the last run failed.');
  const document = JSON.parse(JSON.stringify(backupsDocument(short)));
  expect(document.backups.map(({ verified }: { verified: string }) => verified)).toEqual([
    ...['yes', 'no', 'damaged', 'changed', 'yes'],
  ]);
  expect(document.backups[0]).toMatchObject({ drilled: 'drilled', restoreMs: 4_200, ageSeconds: 34_560 });
});

test('an empty bucket says so, and sizes and ages are short', async () => {
  const empty: Backups = { ...found, backups: [], orphans: [], unreadable: [], foreign: [] };
  expect(backupsLines(empty, '')).toEqual(['carthub: there is no backup in s3://documents.']);
  expect([0, 1_023, 4_300, 40_000, 5e9, 6e12].map(size)).toEqual([
    '0 B',
    '1023 B',
    '4.2 KiB',
    '39 KiB',
    '4.7 GiB',
    '5.5 TiB',
  ]);
  expect([-5, 40_000, 720_000, 18_000_000, 9 * 86_400_000].map(age)).toEqual([
    '0 s',
    '40 s',
    '12 min',
    '5 h',
    '9 days',
  ]);
});

test('what would be removed is shown with the reason why the rest stays, and nothing is removed', async () => {
  const today = new Date();
  const { documents, close } = await openBackupBench();
  const { make } = backupMaker(documents, today);
  for (const age of [0, 1, 2, 40]) await make(`age-${age}`, age);
  await putResult(documents, backupKeys.hold('age-40'), { format: 1, id: 'age-40', until: null, reason: 'An audit.' });
  const policy = { ...POLICY, days: 2, weeks: 0, months: 0 };
  const record = { format: 1, database: 'carthub', run: 'r', at: today.toISOString(), policy, blocked: null };
  const rest = { expired: [], orphans: [], deletedVersions: 0, freedBytes: 0, refused: [] };
  await putResult(documents, retentionKey('carthub'), { ...record, ...rest });
  const lines = async (...runs: { kind: string; outcome: string }[]) =>
    expiringLines(await foretellExpiring(documents, 'carthub', { runs, now: () => new Date() }));
  const backedUp = { kind: 'backup', outcome: 'BackedUp' };
  expect(await lines({ kind: 'migrate', outcome: 'FailedKept' }, backedUp)).toEqual([
    expect.stringContaining('Kept are 2 days, 0 weeks and 0 months'),
    'After the next verified backup these would go:',
    '  age-2  32 B, 2 days old',
    'These stay:',
    expect.stringMatching(/^ {2}age-0 {2}32 B, .* old: the newest verified one$/),
    '  age-1  32 B, 24 h old: of the last 2 days',
    '  age-40  33 B, 40 days old: held',
  ]);
  const blocked = await lines({ kind: 'backup', outcome: 'FailedBackup' }, backedUp);
  expect(blocked).toContain('Nothing would be removed: the last run failed.');
  expect((await readBackups(documents, 'carthub', today)).backups).toHaveLength(4);
  await close();
});

function fail(): never {
  throw new Error('It is not in the list.');
}
