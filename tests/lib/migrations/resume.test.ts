import { expect, test } from '@jest/globals';
import type { JournalRow } from '../../../lib/journal/journal.ts';
import { findFirstStep, hashStatement, refuseUnfinished } from '../../../lib/migrations/resume.ts';

const file = {
  ...{ version: 2, file: '002.do.x.sql', sha256: 's', sql: 'a;\nb;\nc;' },
  mode: 'statements' as const,
  drops: [],
  touches: [],
};
const statements = ['a', 'b', 'c'].map((sql, index) => ({ start: index * 3, sha256: hashStatement(sql) }));
const row = (step: number, state: JournalRow['state'], detail: JournalRow['detail'] = null): JournalRow => ({
  ...{ id: 1, runId: 'r', token: 1, version: 2, file: file.file, sha256: 's', xid: '9', at: new Date(0) },
  ...{ step, state, detail },
});
const done = (step: number, sql: string) => row(step, 'done', { statement: hashStatement(sql) });
const accepted = (step: number, again: boolean) => row(step, 'accepted', { statement: hashStatement('b'), again });

test.each([
  ['nothing', [], 1],
  ['done statements', [done(1, 'a'), done(2, 'b')], 3],
  ['one accepted as done', [done(1, 'a'), row(2, 'intent'), accepted(2, false)], 3],
  ['one accepted to run again', [done(1, 'a'), row(2, 'intent'), accepted(2, true)], 2],
  ['all of them', [done(1, 'a'), done(2, 'b'), done(3, 'c\n')], 4],
  ['what an older runner did of the same file', [row(1, 'done')], 2],
])('after %s a file goes on with the next', (_, journal, expected) => {
  expect(findFirstStep(file, statements, journal)).toBe(expected);
});

test('what an older runner did of another file is refused: nothing tells the texts of its statements', () => {
  expect(() => findFirstStep({ ...file, sha256: 'other' }, statements, [row(1, 'done')])).toThrow(
    'Statement 1 of 002.do.x.sql is not the one that run r has applied.',
  );
});

test('a statement in doubt names both ways on', () => {
  const attempt = () => findFirstStep(file, statements, [done(1, 'a'), row(2, 'intent')]);
  expect(attempt).toThrow(
    expect.objectContaining({
      name: 'StepInDoubtError',
      remedy: expect.stringContaining('--resume-at 002.do.x.sql:3'),
    }),
  );
});

test('a release must hold what was begun, and nothing before it; what was only refused binds nobody', () => {
  const refused = row(1, 'refused', { sqlState: '22012', mayHaveCommitted: false, droppedIndexes: [] });
  const earlier = { ...file, version: 1, file: '001.do.y.sql' };
  expect(() => refuseUnfinished([done(1, 'a')], [])).toThrow(expect.objectContaining({ name: 'MissingFileError' }));
  expect(() => refuseUnfinished([done(1, 'a')], [earlier, file])).toThrow(
    expect.objectContaining({ name: 'LateFileError' }),
  );
  expect(() => refuseUnfinished([done(1, 'a')], [file])).not.toThrow();
  expect(() => refuseUnfinished([refused], [])).not.toThrow();
});
