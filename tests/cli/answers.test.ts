import { expect, test } from '@jest/globals';
import { statusLines } from '../../cli/commands/status.ts';
import { tableOf } from '../../cli/query/table.ts';
import { explain } from '../../cli/stack/explain.ts';
import { outcome } from './record.ts';

test('a table has numbers to the right, one line a row, NULL by name, and nothing that steers a terminal', () => {
  const columns = [
    { name: 'id', isNumber: true },
    { name: 'text', isNumber: false },
  ];
  const rows = [
    ['7', 'two\nlines'],
    ['1000', '\u001b[31mred'],
    [null, null],
  ];
  expect(tableOf({ command: 'SELECT', rowCount: 3, columns, rows })).toBe(
    ['id   | text', '-----+----------', '   7 | two\u21b5lines', '1000 | [31mred', 'NULL | NULL', '(3 rows)'].join(
      '\n',
    ),
  );
  expect(tableOf({ command: 'INSERT', rowCount: 2, columns: [], rows: [] })).toBe('INSERT 2');
  expect(tableOf({ command: 'CREATE', rowCount: null, columns: [], rows: [] })).toBe('CREATE');
});

test('the status names the holder, the mark, and how the last runs ended', () => {
  const lease = {
    ...{ format: 1 as const, database: 'carthub', token: 3, run: null, restore: null },
    holder: {
      execution: 'arn:aws:states:x:1:execution:m:run-9',
      kind: 'migrate' as const,
      since: '2026-01-01',
      took: null,
    },
    dirty: { run: 'run-8', since: '2026-01-01', reason: 'step 2 is half in', assessed: true },
  };
  const text = statusLines({ database: 'carthub', lease, runs: [outcome()] }, ' --local').join('\n');
  expect(text).toContain('carthub: at version 2');
  expect(text).toContain('Held by migrate run-9 since 2026-01-01.');
  expect(text).toContain('Marked dirty since 2026-01-01 by run run-8: step 2 is half in');
  expect(text).toContain('Put it back: npx carthub-db restore --local --plan --before-run run-8');
  const restoring = { ...lease, holder: { ...lease.holder, kind: 'restore' as const } };
  expect(statusLines({ database: 'carthub', lease: restoring, runs: [] }, '')).toContain(
    'Go along with it, and answer it: npx carthub-db restore --resume run-9',
  );
  expect(text).toMatch(/carthub-20260101T120000Z-0a1b +Migrated 0 -> 2$/m);
  expect(statusLines({ database: 'carthub', lease: null, runs: [] }, '')).toEqual([
    'carthub: no run has told its version yet',
    'Nobody holds it.',
    'No run is over yet.',
  ]);
});

test('the status says that a file is half done, until it is whole', () => {
  const of = (...runs: Parameters<typeof outcome>[0][]) =>
    statusLines({ database: 'carthub', lease: null, runs: runs.map((run) => outcome(run)) }, '').join('\n');
  const partway = { outcome: 'FailedPartway', resumeAt: { file: '003.do.x.sql', step: 2 } };
  const said = '003.do.x.sql is half done, since run carthub-20260101T120000Z-0a1b';
  expect(of(partway)).toContain(said);
  expect(of({ outcome: 'Refused' }, { outcome: 'FailedUntouched' }, partway)).toContain(said);
  expect(of({ outcome: 'Migrated' }, partway)).not.toContain('half done');
  const note = 'The next run goes on in 003.do.x.sql with statement 2; the first counts as done.';
  const dirty = { state: 'Dirty' as const, before: 2, after: 2, reason: 'x', steps: [], blamed: [], notes: [note] };
  expect(of({ outcome: 'Accepted', assessment: dirty }, partway)).toContain(note);
});

test.each([
  ['AccessDeniedException', 'AwsAccessError'],
  ['ExpiredToken', 'AwsAccessError'],
  ['ThrottlingException', 'ServiceUnavailableError'],
  ['SomethingElse', 'SomethingElse'],
])("AWS's %s is told as %s", (code, name) => {
  const error = Object.assign(new Error('said AWS'), { name: code, $metadata: {} });
  expect(explain(error, 'arn:aws:iam::1:user/anna')).toMatchObject({ name });
});
