import { expect, test } from '@jest/globals';
import { exitCodeOf } from '../../cli/execution/report.ts';
import { outcomeLines } from '../../cli/result/outcome-lines.ts';
import type { OutcomeRecord } from '../../lib/runs/record.ts';
import { restoration } from '../../lib/runs/restoration.ts';
import { outcome } from './record.ts';

const HINTS = { flags: ' --local --data /tmp/try', again: 'npx carthub-db migrate --local --data /tmp/try' };
const lines = (changes: Partial<OutcomeRecord>) => outcomeLines(outcome(changes), HINTS).join('\n');

test('says the outcome, the version, what became of the database, and what to type next', () => {
  expect(lines({})).toMatchInlineSnapshot(`
"
2 files applied in 1.3 s, in this order:
  001.do.a.sql                                     12 ms
  002.do.b.sql                                     1.3 s

Migrated: carthub is at version 2 (it was at 0).
Every file is applied, and the schema is the one that the files make.

Next:
  npx carthub-db query --local --data /tmp/try "select version, name, run_at from carthub_db.schemaversion order by version"
  npx carthub-db local up --data /tmp/try"
`);
});

test('shows where it failed, the line with a caret, and the remedy', () => {
  const error = {
    name: 'SqlError',
    message: 'type "itn" does not exist (SQLSTATE 42704)',
    remedy: 'Correct the file.',
    place: { file: '003.do.c.sql', line: 2, column: 7, caret: 'id    itn,\n      ^' },
  };
  const assessment = {
    state: 'AtVersion' as const,
    before: 0,
    after: 2,
    resumeAt: null,
    notes: ['somebody made table x'],
  };
  expect(
    lines({ outcome: 'FailedPartway', version: { before: 0, after: 2 }, error, assessment }),
  ).toMatchInlineSnapshot(`
"
2 files applied in 1.3 s, in this order:
  001.do.a.sql                                     12 ms
  002.do.b.sql                                     1.3 s

FailedPartway: carthub is at version 2 (it was at 0).
It stopped between two files: those before are applied whole, the one that failed left nothing.

SqlError: type "itn" does not exist (SQLSTATE 42704)
  at 003.do.c.sql:2:7
    id    itn,
          ^
Remedy: Correct the file.
Note: somebody made table x

Next:
  mend the file, then: npx carthub-db migrate --local --data /tmp/try"
`);
});

test.each<[string, Partial<OutcomeRecord>, string[]]>([
  [
    'NothingToDo',
    { version: { before: 2, after: 2 }, files: [], snapshot: null },
    ['is at version 2.', 'no Job was started'],
  ],
  [
    'Refused',
    { version: { before: null, after: null }, files: [] },
    ['is as it was', 'Nothing was started', 'status --local'],
  ],
  [
    'FailedUntouched',
    { version: { before: 2, after: 2 }, files: [] },
    ['Nothing of this run is committed', 'mend the file, then: npx carthub-db migrate'],
  ],
  [
    'FailedPartway',
    { resumeAt: { file: '003.do.c.sql', step: 2 } },
    ['It stopped cleanly in 003.do.c.sql; the next run goes on with statement 2.'],
  ],
  [
    'FailedKept',
    {
      assessment: {
        state: 'Dirty',
        before: 0,
        after: 2,
        reason: 'step 1 of 003 is in, step 2 is not',
        steps: [],
        blamed: [],
        notes: [],
      },
      restore: restoration.parse({ attempted: false, reason: 'The input asked to keep it.' }),
    },
    [
      'No version describes the database (step 1 of 003 is in, step 2 is not)',
      'The input asked to keep it.',
      'accept-state --local --data /tmp/try --reason',
    ],
  ],
  [
    'FailedKept',
    {
      assessment: { state: 'Unassessed', error: { name: 'E', message: 'm', remedy: null, place: null } },
      version: { before: 1, after: null },
    },
    ['was at version 1', 'could not be looked at; the sweeper does that'],
  ],
  ['Accepted', { kind: 'accept-state' }, ['the mark is gone', HINTS.again]],
  ['Surprise', {}, ['does not know that outcome']],
])('%s says what it promises of the database (case %#)', (name, changes, said) => {
  const text = lines({ outcome: name, ...changes });
  for (const part of said) expect(text).toContain(part);
});

test('of many files shows those that took longest', () => {
  const files = Array.from({ length: 300 }, (_, at) => ({
    version: at + 1,
    file: `${at + 1}.do.a.sql`,
    durationMs: at,
  }));
  const text = lines({ files });
  expect(text).toContain('300 files applied in 44.9 s, of which the longest:\n  300.do.a.sql');
  expect(text.split('\n').length).toBeLessThan(30);
});

test.each([
  ['Migrated', 0],
  ['NothingToDo', 0],
  ['Accepted', 0],
  ['FailedUntouched', 3],
  ['FailedRestored', 4],
  ['FailedKept', 5],
  ['FailedPartway', 6],
  ['Refused', 7],
  ['Surprise', 1],
  ['toString', 1],
])('%s ends with code %d', (name, code) => {
  expect(exitCodeOf(name)).toBe(code);
});

test('tells of a backup what it holds and whether it counts, and of a night without one what helps', () => {
  const backup = {
    ...{ id: 'night-2026-01-01', by: 'a', snapshotAt: '2026-01-01T02:00:01.000Z', version: 2, objects: 3 },
    ...{ bytes: 4_321_000, tables: 7, rows: 1_234, durationMs: 2_000 },
  };
  const made = {
    ...{ kind: 'backup', files: [], version: { before: 2, after: 2 } },
    ...{ outcome: 'BackedUp', backup: { ...backup, verified: { result: 'verified' as const, durationMs: 1_000 } } },
  };
  expect(lines(made)).toMatchInlineSnapshot(`
"
BackedUp: carthub is backed up at version 2.
The backup is in S3, and what was read back is what was counted in the database.
  backup    night-2026-01-01
  moment    2026-01-01T02:00:01.000Z
  holds     1234 rows of 7 tables
  size      4.1 MiB in 3 objects
  made in   2.0 s
  verified  read back in full in 1.0 s

Next:
  all that there are: npx carthub-db backups --local --data /tmp/try
  everything of this one: npx carthub-db backups show night-2026-01-01 --local --data /tmp/try"
`);
  expect(lines({ ...made, outcome: 'FailedVerification', backup: { ...backup, verified: null } })).toMatch(
    /carthub is not backed up\.[\s\S]*does not count[\s\S]*not read back[\s\S]*make another one/,
  );
  const error = {
    name: 'BackupToolMissingError',
    message: 'pg_dump is not there.',
    remedy: 'Install it.',
    place: null,
  };
  const none = { ...made, outcome: 'FailedBackup', version: { before: null, after: null }, backup: null, error };
  expect(lines(none)).toMatch(/carthub is not backed up\.[\s\S]*Remedy: Install it\./);
  expect(['BackedUp', 'FailedBackup', 'FailedVerification'].map(exitCodeOf)).toEqual([0, 9, 10]);
});
