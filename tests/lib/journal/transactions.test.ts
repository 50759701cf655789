import { expect, test } from '@jest/globals';
import type { JournalRow } from '../../../lib/journal/journal.ts';
import { subtransactionsBelow, transactionsOf } from '../../../lib/journal/transactions.ts';

const row = (
  xid: string,
  step: number,
  state: JournalRow['state'],
  detail: JournalRow['detail'] = null,
): JournalRow => ({
  ...{ id: 1, runId: 'r', token: 1, version: 2, file: 'f', sha256: 's', at: new Date(0), xid, step, state, detail },
});
const changes = { tables: {}, rewritten: [], dropped: [] };

test('a whole file is certain by its id; its subtransactions lie behind that', () => {
  const journal = [
    row('10', 0, 'transaction', { ...changes, subtransactions: [{ from: '11', below: '14' }] }),
    row('20', 0, 'transaction', { ...changes, subtransactions: [] }),
    row('30', 0, 'transaction', { ...changes, subtransactions: [] }),
  ];
  expect(transactionsOf(journal)).toEqual({ xids: ['10', '20', '30'], ranges: [{ from: '11', below: '14' }] });
});

test('a statement that commits together with its end is as certain as a whole file, and nothing where it did not', () => {
  const atomic = { statement: 's', atomic: true };
  const journal = [
    row('10', 1, 'intent', atomic),
    row('15', 1, 'done', { ...changes, statement: 's', subtransactions: [{ from: '16', below: '18' }] }),
    row('30', 2, 'intent', atomic),
  ];
  expect(transactionsOf(journal, '40')).toEqual({ xids: ['15'], ranges: [{ from: '16', below: '18' }] });
});

test('a statement lies between its intent and the next word about it; without one it may be as late as anything', () => {
  const refused = { sqlState: null, mayHaveCommitted: false, droppedIndexes: [] };
  const journal = [
    ...[row('10', 1, 'intent'), row('15', 1, 'done'), row('16', 2, 'intent'), row('18', 2, 'refused', refused)],
    ...[row('19', 2, 'intent'), row('25', 2, 'accepted'), row('30', 3, 'intent')],
  ];
  const known = [
    { from: '11', below: '15' },
    { from: '17', below: '18' },
    { from: '20', below: '25' },
  ];
  expect(transactionsOf(journal, '40')).toEqual({ xids: [], ranges: [...known, { from: '31', below: '40' }] });
  expect(transactionsOf(journal).ranges).toEqual([...known, { from: '31', below: '2147483678' }]);
});

test.each([
  ['100', '101', null],
  ['100', '104', '104'],
  [`${(5n << 32n) + 7n}`, '9', `${(5n << 32n) + 9n}`],
  // The lower 32 bits began anew in between.
  [`${(6n << 32n) - 2n}`, '5', `${(6n << 32n) + 5n}`],
])('the last subtransaction of %s, of which a row tells %s, is %s', (xid, last, expected) => {
  expect(subtransactionsBelow(xid, last)).toBe(expected);
});
