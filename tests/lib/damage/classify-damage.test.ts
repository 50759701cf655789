import { expect, test } from '@jest/globals';
import { classifyDamage, type Evidence } from '../../../lib/damage/classify-damage.ts';
import type { JournalRow } from '../../../lib/journal/journal.ts';
import type { Applied } from '../../../lib/migrations/history.ts';
import type { JudgedDifference } from '../../../lib/schema/judge.ts';

const digests = { '0': 'd0', '1': 'd1', '2': 'd2', '3': 'd3' };
const release = {
  ...{ format: 1 as const, target: 3, files: [], schemas: 'schemas/0.json', ignore: [] },
  ...{ expected: digests, unproven: null },
};
const plan = {
  ...{ format: 1 as const, run: 'r', release: 'x', before: 1, target: 3, digest: 'd1', history: 1 },
  ...{ drift: [], warnings: [] },
  pending: [2, 3].map((version) => ({ version, file: `${version}.do.x.sql` })),
};
const applied = (...versions: number[]): Applied[] =>
  versions.map((version) => ({
    ...{ version, name: 'x', md5: null, sha256: null, runAt: null, runId: 'r', durationMs: 1 },
  }));
const row = (
  version: number,
  step: number,
  state: JournalRow['state'],
  detail: JournalRow['detail'] = null,
): JournalRow => ({
  ...{ id: 1, runId: 'r', token: 1, sha256: 's', xid: '9', at: new Date(0) },
  ...{ version, file: `${version}.do.x.sql`, step, state, detail },
});
const refused = { sqlState: '22012', mayHaveCommitted: false, droppedIndexes: [] };
const asExpected: Evidence['schema'] = { against: 'expected', unproven: null, differences: [] };
const differs = (whose: JudgedDifference['whose']): Evidence['schema'] => ({
  against: 'expected',
  unproven: null,
  differences: [
    {
      ...{ what: 'missing', kind: 'column', name: 'public.t.x', of: { kind: 'table', name: 'public.t' } },
      ...{ expected: ['integer'], actual: null, parts: 0, shownBy: 'select 1', whose },
    },
  ],
});
const evidence = (more: Partial<Evidence>): Evidence => ({
  ...{ plan, journal: [], history: applied(1), schema: asExpected, release },
  ...more,
});

test('no journal row and the same history is untouched, whatever others did to the schema', () => {
  expect(classifyDamage(evidence({}))).toMatchObject({ state: 'Untouched', before: 1, after: 1, notes: [] });
  const others = classifyDamage(evidence({ schema: differs('others') }));
  expect(others).toMatchObject({ state: 'Untouched' });
  expect(others).toHaveProperty('notes.0', expect.stringContaining('Somebody else'));
});

test('whole files and the schema of their version are at that version', () => {
  const found = classifyDamage(evidence({ journal: [row(2, 0, 'transaction')], history: applied(1, 2) }));
  expect(found).toMatchObject({ state: 'AtVersion', before: 1, after: 2, resumeAt: null });
});

test('whole files and another schema are dirty', () => {
  const found = classifyDamage(
    evidence({ journal: [row(2, 0, 'transaction')], history: applied(1, 2), schema: differs('ours') }),
  );
  expect(found).toMatchObject({
    state: 'Dirty',
    reason: 'The schema is not that of version 2: column public.t.x is missing.',
  });
});

test('of a version whose schema nobody can know, whole files are proof enough', () => {
  const unproven = { file: '2.do.x.sql', message: 'needs rows' };
  const schema: Evidence['schema'] = { against: 'before', unproven: 'Nobody knows it.', differences: [] };
  const unprovable = { ...release, expected: { ...digests, '2': null }, unproven };
  const whole = { journal: [row(2, 0, 'transaction')], history: applied(1, 2), schema };
  expect(classifyDamage(evidence({ ...whole, release: unprovable }))).toMatchObject({ state: 'AtVersion', after: 2 });
  expect(classifyDamage(evidence({ ...whole, history: [], journal: [], release: unprovable }))).toMatchObject({
    state: 'Dirty',
  });
});

test('a version whose schema is known and cannot be read is dirty, and says why', () => {
  const schema: Evidence['schema'] = { against: 'before', unproven: 'It cannot be read.', differences: [] };
  const whole = { journal: [row(2, 0, 'transaction')], history: applied(1, 2), schema };
  for (const each of [release, null]) {
    expect(classifyDamage(evidence({ ...whole, release: each }))).toMatchObject({
      ...{ state: 'Dirty', reason: 'It cannot be read.' },
    });
  }
});

test('a statement that was done, in a file that is not whole, is dirty', () => {
  const found = classifyDamage(evidence({ journal: [row(2, 1, 'intent'), row(2, 1, 'done')] }));
  expect(found).toMatchObject({ state: 'Dirty', steps: [{ file: '2.do.x.sql', step: 1, end: 'done' }] });
});

test('a statement that was begun and never ended is dirty', () => {
  const found = classifyDamage(evidence({ journal: [row(2, 1, 'intent')] }));
  expect(found).toMatchObject({ state: 'Dirty', steps: [{ step: 1, end: 'unknown' }] });
});

test('a statement that was to commit together with its end did nothing: what was done before it decides', () => {
  const begun = (step: number) => row(2, step, 'intent', { statement: 's', atomic: true });
  expect(classifyDamage(evidence({ journal: [begun(1)] }))).toMatchObject({ state: 'Untouched' });
  expect(classifyDamage(evidence({ journal: [begun(1), row(2, 1, 'done'), begun(2)] }))).toMatchObject({
    state: 'Dirty',
    reason: '2.do.x.sql was interrupted after its statement 1: what that did is committed, the rest is not.',
    steps: [{ end: 'done' }, { step: 2, end: 'undone' }],
  });
});

test('a first statement that the server refused did nothing', () => {
  const journal = [row(2, 1, 'intent'), row(2, 1, 'refused', refused)];
  expect(classifyDamage(evidence({ journal }))).toMatchObject({ state: 'Untouched' });
});

test('a refused statement that may have committed on its way is dirty', () => {
  const journal = [row(2, 1, 'intent'), row(2, 1, 'refused', { ...refused, mayHaveCommitted: true })];
  expect(classifyDamage(evidence({ journal }))).toMatchObject({ state: 'Dirty', steps: [{ end: 'unknown' }] });
});

const secondRefused = [row(2, 1, 'intent'), row(2, 1, 'done'), row(2, 2, 'intent'), row(2, 2, 'refused', refused)];

test('a file whose first statement is done and whose second the server refused goes on there, whatever its schema', () => {
  const found = classifyDamage(evidence({ journal: secondRefused }));
  expect(found).toMatchObject({ state: 'AtVersion', before: 1, after: 1, resumeAt: { file: '2.do.x.sql', step: 2 } });
  expect(found).toHaveProperty('notes', [
    'The first statement of 2.do.x.sql is done and must stay in the file as written; from statement 2 on it may be changed.',
  ]);
});

test('a run that went on in such a file and came no further left it untouched', () => {
  const journal = [row(2, 2, 'intent'), row(2, 2, 'refused', refused)];
  expect(classifyDamage(evidence({ journal, plan: { ...plan } }))).toMatchObject({
    ...{ state: 'Untouched', notes: [] },
  });
});

test('a run that ended after the refused statement was tried again and done, is dirty', () => {
  const found = classifyDamage(evidence({ journal: [...secondRefused, row(2, 2, 'intent'), row(2, 2, 'done')] }));
  expect(found).toMatchObject({ state: 'Dirty', reason: expect.stringContaining('after its statement 2') });
});

test('a second statement that was refused and may have committed on its way is dirty', () => {
  const journal = [...secondRefused.slice(0, 3), row(2, 2, 'refused', { ...refused, mayHaveCommitted: true })];
  expect(classifyDamage(evidence({ journal }))).toMatchObject({ state: 'Dirty' });
});

test('after a whole file, a refused first statement of the next says where to go on', () => {
  const journal = [row(2, 0, 'transaction'), row(3, 1, 'intent'), row(3, 1, 'refused', refused)];
  const found = classifyDamage(evidence({ journal, history: applied(1, 2) }));
  expect(found).toMatchObject({ state: 'AtVersion', after: 2, resumeAt: { file: '3.do.x.sql', step: 1 } });
});

test('a run that was stopped before it planned, and wrote nothing, is untouched', () => {
  expect(classifyDamage(evidence({ plan: null }))).toMatchObject({ state: 'Untouched', before: null, after: 1 });
});

test('a transaction whose journal row is there and whose history row is not is dirty', () => {
  const found = classifyDamage(evidence({ journal: [row(2, 0, 'transaction')] }));
  expect(found).toMatchObject({ state: 'Dirty', reason: expect.stringContaining('left its transaction') });
});

test('a history that shrank is not untouched', () => {
  expect(classifyDamage(evidence({ history: [], schema: differs('ours') })).state).toBe('Dirty');
});

const file = (version: number) => ({ sha256: 's', file: `${version}.do.x.sql`, reason: expect.any(String) });

test.each<[string, JournalRow[], number[], Evidence['schema'], object[]]>([
  [
    'a procedure that failed after it had committed',
    [row(2, 1, 'refused', { ...refused, mayHaveCommitted: true })],
    [1],
    asExpected,
    [file(2)],
  ],
  [
    'a procedure that was cut off by a shutdown',
    [row(2, 1, 'refused', { ...refused, sqlState: '57P01', mayHaveCommitted: true })],
    [1],
    asExpected,
    [],
  ],
  ['a statement of which no word is there', [row(2, 1, 'intent')], [1], asExpected, []],
  ['a pod that was killed between two statements', [row(2, 1, 'done')], [1], asExpected, []],
  ['a file that left its transaction', [row(2, 0, 'transaction')], [1], asExpected, [file(2)]],
  ['whole files that make another schema', [row(2, 0, 'transaction')], [1, 2], differs('ours'), [file(2)]],
])('%s: only what SQL did by itself is blamed on its file', (_what, journal, versions, schema, blamed) => {
  expect(classifyDamage(evidence({ journal, history: applied(...versions), schema }))).toMatchObject({
    state: 'Dirty',
    blamed,
  });
});
