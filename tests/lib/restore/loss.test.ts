import { expect, test } from '@jest/globals';
import { type Accepted, judgeLoss } from '../../../lib/restore/loss.ts';
import type { LossDocument } from '../../../lib/restore/loss-document.ts';

type Told = Pick<LossDocument, 'nothing' | 'tables' | 'beside'>;

const table = (name: string, lost: number | null) => ({
  ...{ table: name, lost, replayed: 0, inserted: 0, updated: 0, deleted: 0, doubts: [] },
});
const loss = (...tables: Told['tables']): Told => ({ nothing: false, tables, beside: [] });
const two = loss(table('public.carts', 3), table('app.log', 2), table('public.kept', 0));

test.each<[string, Told, Accepted, ReturnType<typeof judgeLoss>]>([
  ['nothing is lost', { ...two, nothing: true }, 'none', 'replay'],
  ['nobody said anything', two, null, 'wait'],
  ['somebody said no', two, 'none', 'refused'],
  ['all may be lost', { ...two, beside: ['large objects'] }, 'all', 'accepted'],
  ['exactly that may be lost', two, { 'public.carts': 3, 'app.log': 2 }, 'accepted'],
  ['a table of public may be called by its bare name', two, { carts: 3, 'app.log': 9 }, 'accepted'],
  ['one row more is lost than may be', two, { carts: 2, 'app.log': 2 }, 'wait'],
  ['another table is lost', two, { carts: 3 }, 'wait'],
  ['a table of another schema is not meant by a bare name', two, { carts: 3, log: 2 }, 'wait'],
  ['nobody can count what is lost', loss(table('public.carts', null)), { carts: 1_000_000 }, 'wait'],
  ['more than rows is lost', { ...two, beside: ['large objects'] }, { carts: 3, 'app.log': 2 }, 'wait'],
])('what is lost is held against what was accepted: %s', (_, loss, accept, expected) => {
  expect(judgeLoss({ loss, accept })).toBe(expected);
});
