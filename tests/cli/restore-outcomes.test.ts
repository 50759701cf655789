import { expect, test } from '@jest/globals';
import { quarantineLines } from '../../cli/commands/quarantine.ts';
import type { RestoreAccount } from '../../cli/restore/account.ts';
import { outcomeLines } from '../../cli/result/outcome-lines.ts';
import type { OutcomeRecord } from '../../lib/runs/record.ts';
import { restoration } from '../../lib/runs/restoration.ts';
import { outcome } from './record.ts';

const RUN = 'carthub-20260131T021500Z-9c3d';
const HINTS = { flags: ' --local', again: 'npx carthub-db restore --local --plan' };
const AT = '2026-01-31T02:00:00.000Z';
const CARTS = { table: 'public.carts', replayed: 40, lost: 3, inserted: 1, updated: 2, deleted: 0, doubts: [] };
const LOSS: NonNullable<RestoreAccount['loss']> = {
  ...{ format: 1, run: RUN, at: AT, nothing: false, tables: [CARTS], beside: [], notes: [], waitsUntil: null },
  conflicts: ['-- public.carts: update, changed-by-both\nupdate only public.carts set total = 5 where id = 7;'],
};
const ACCOUNT: RestoreAccount = {
  settings: [
    { field: 'AvailabilityZone', source: 'eu-west-1a', copy: 'eu-west-1b', reason: 'the zone had no capacity' },
  ],
  ...{ isCompared: true, frozenSince: null, loss: LOSS, documents: `s3://bucket/runs/${RUN}/restore` },
};
const DONE = {
  ...{ attempted: true, reason: 'It serves.', done: true, target: { time: AT, snapshot: null }, copy: 'shop-db' },
  ...{ retired: 'shop-db-retired-20260131021500', expires: '2026-02-14T02:20:00.000Z', frozenSeconds: 12.34 },
};
const KEPT = {
  ...{ attempted: true, reason: 'Rows would be lost.', target: { time: AT, snapshot: null } },
  ...{ copy: 'shop-db-restored-1c04fa', expires: '2026-02-07T02:20:00.000Z', frozenSeconds: 61 },
  finish: `carthub-db restore --resume ${RUN}`,
};

function told(changes: Partial<OutcomeRecord>, restore: object, account: Partial<RestoreAccount> = {}): string {
  const nothing = { kind: 'restore', run: RUN, version: { before: null, after: null }, files: [], snapshot: null };
  const record = outcome({ ...nothing, ...changes, restore: restoration.parse(restore) });
  return outcomeLines(record, HINTS, { ...ACCOUNT, ...account }, 'Europe/Berlin').join('\n');
}

test('Restored tells the moment on two clocks, the stop, rows replayed and lost, differing settings, the old one and its date', () => {
  expect(told({ outcome: 'Restored', version: { before: null, after: 11 } }, DONE)).toMatchInlineSnapshot(`
"
Restored: carthub is at version 11.
The restored instance serves under the old name, and that was verified.

  as of     2026-01-31T02:00:00Z
            2026-01-31 03:00:00 +01:00 (Europe/Berlin)
  stopped   12.3 s, from the freeze until the application was let in again
  replayed  public.carts 40
  lost      public.carts 3
            kept as rows: s3://bucket/runs/carthub-20260131T021500Z-9c3d/restore/lost.jsonl
  settings  AvailabilityZone is eu-west-1b, was eu-west-1a: the zone had no capacity
  old one   shop-db-retired-20260131021500, closed and protected, kept until 2026-02-14T02:20:00Z

Next:
  see that the database is as it should be: npx carthub-db query --local SQL
  npx carthub-db status --local"
`);
});

test('NeedsAcceptance tells what would be lost, that nothing is, and the one command that accepts it and finishes', () => {
  expect(told({ outcome: 'NeedsAcceptance' }, KEPT)).toMatchInlineSnapshot(`
"
NeedsAcceptance: carthub is not restored.
Rows would be lost that nobody has accepted. The old instance serves as before, nothing is lost, and the copy is kept.

  as of     2026-01-31T02:00:00Z
            2026-01-31 03:00:00 +01:00 (Europe/Berlin)
  stopped   1 min 01 s, from the freeze until the application was let in again
  settings  AvailabilityZone is eu-west-1b, was eu-west-1a: the zone had no capacity
  copy      shop-db-restored-1c04fa, serving nobody, kept until 2026-02-07T02:20:00Z

Written since then, and not on the restored database, in rows:
table        | lost | made | changed | deleted | replayed
-------------+------+------+---------+---------+---------
public.carts |    3 |    1 |       2 |       0 |       40
A row that is not guessed about, as SQL to look at and to run; s3://bucket/runs/carthub-20260131T021500Z-9c3d/restore/loss.json has it whole:
  -- public.carts: update, changed-by-both
  update only public.carts set total = 5 where id = 7;
Every one of these rows is kept: s3://bucket/runs/carthub-20260131T021500Z-9c3d/restore/lost.jsonl

Next:
  accept the loss and finish: npx carthub-db restore --local --resume carthub-20260131T021500Z-9c3d --accept-loss public.carts=3 --reason "why"
  the application writes on: if more rows would be lost by then, you are asked again; --accept-loss all covers whatever it is
  npx carthub-db status --local"
`);
});

test('of a migration that was put back: nothing lost where that is proved, and where the file is now', () => {
  const nothing = { ...LOSS, nothing: true, tables: [{ ...CARTS, lost: 0 }], conflicts: [] };
  const text = told({ kind: 'migrate', outcome: 'FailedRestored', version: { before: 10, after: 10 } }, DONE, {
    loss: nothing,
    settings: [],
  });
  expect(text).toContain('FailedRestored: carthub is at version 10.');
  expect(text).toMatch(/replayed +public\.carts 40\n/);
  expect(text).toMatch(/lost +nothing, proved\n/);
  expect(text).toMatch(/settings +every field as before\n/);
  expect(text).toContain('npx carthub-db quarantine --local');
});

test('of a migration that was kept for its conflicts: them as SQL, and the one command that puts it back all the same', () => {
  const assessment = { state: 'Dirty' as const, before: 10, after: 10, reason: 'half of 011 is in.', ...NO_STEPS };
  const text = told({ kind: 'migrate', outcome: 'FailedKept', assessment, version: { before: 10, after: 10 } }, KEPT);
  expect(text).toContain('No version describes the database (half of 011 is in)');
  expect(text).toContain('  update only public.carts set total = 5 where id = 7;');
  expect(text).toContain(
    `put it back: npx carthub-db restore --local --resume ${RUN} --accept-loss public.carts=3 --reason "why"`,
  );
  expect(text).toMatch(/copy +shop-db-restored-1c04fa, serving nobody, kept until 2026-02-07T02:20:00Z\n/);
  const untried = {
    attempted: false,
    reason: 'The input asked to keep it.',
    finish: `carthub-db restore --before-run ${RUN}`,
  };
  expect(told({ kind: 'migrate', outcome: 'FailedKept', assessment }, untried)).toContain(
    `put it back: npx carthub-db restore --local --before-run ${RUN} --reason "why"`,
  );
});

test('of a migration that was put back: what was not as it should be is called so where it is', () => {
  const left = {
    kind: 'column' as const,
    ...{ of: null, parts: 0 },
    name: 'public.carts.note',
    what: 'unexpected' as const,
    expected: null,
    actual: ['text'],
  };
  const differences = [{ ...left, whose: 'ours' as const, shownBy: 'select 1' }];
  const text = (restore: object) => told({ kind: 'migrate', outcome: 'FailedRestored', differences }, restore);
  expect(text(DONE)).toContain(
    'For this it was put back; it is so on shop-db-retired-20260131021500 alone:\nNot as it should be, by this run:\n',
  );
  expect(text(KEPT)).not.toContain('For this it was put back');
});

const NO_STEPS = { steps: [], blamed: [], notes: [] };

test('a restore that ended while the application is stopped says so, and does not claim that it went on', () => {
  const text = told({ outcome: 'FailedKept' }, { ...KEPT, frozenSeconds: null }, { frozenSince: AT });
  expect(text).toMatch(/stopped +since 2026-01-31T02:00:00Z, and still/);
  expect(told({ outcome: 'FailedKept' }, { ...KEPT, frozenSeconds: null })).toMatch(/stopped +never/);
});

test('what nobody looked for is not called nothing', () => {
  expect(told({ outcome: 'Restored' }, DONE, { loss: null })).toMatch(/rows +nobody looked for rows/);
  expect(told({ outcome: 'Restored' }, DONE, { loss: { ...LOSS, tables: [{ ...CARTS, lost: null }] } })).toMatch(
    /lost +public\.carts nobody knows how many/,
  );
});

test('what is no row is told line by line, and of much of it the first; no file is named that has no rows', () => {
  const beside = Array.from({ length: 7 }, (_, n) => `Others made table public.t${n}.`);
  const uncounted = { ...CARTS, lost: null, inserted: 0, updated: 0 };
  const text = told({ outcome: 'Restored' }, DONE, { loss: { ...LOSS, beside, tables: [uncounted] } });
  expect(text).toMatch(/public\.t4\.\n +and 2 more, in loss\.json\n +settings/);
  const open = told({ outcome: 'NeedsAcceptance' }, KEPT, { loss: { ...LOSS, beside, tables: [uncounted] } });
  expect(open).toContain('Besides: Others made table public.t4.\nBesides: and 2 more, in loss.json\n');
  expect(text + open).not.toContain('lost.jsonl');
});

test('the quarantine names each file, its run and reason, how it is lifted, and who lifted what before', () => {
  const file = { sha256: 'f'.repeat(64), file: '012.do.prices.sql', run: RUN, since: AT, reason: 'step 2 is half in' };
  const lifted = [{ sha256: 'e'.repeat(64), file: '009.do.x.sql', by: 'anna', reason: 'it was the disk', at: AT }];
  const text = quarantineLines({ files: [file], lifted }, { database: 'carthub', flags: ' --local' }).join('\n');
  expect(text).toContain(`012.do.prices.sql  ${file.sha256}\n    since ${AT}, by run ${RUN}: step 2 is half in`);
  expect(text).toContain('npx carthub-db quarantine --local --lift FILE --reason TEXT');
  expect(text).toContain(`009.do.x.sql  ${AT} by anna: it was the disk`);
  expect(quarantineLines({ files: [], lifted: [] }, { database: 'carthub', flags: '' })).toEqual([
    'carthub: no file is quarantined.',
  ]);
});
