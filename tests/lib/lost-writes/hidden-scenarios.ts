import { ATTACKS } from './attack-scenarios.ts';
import { CODE } from './code-scenarios.ts';
import { COLUMNS } from './column-scenarios.ts';
import { PLAIN, run, type Scenario, steps, T } from './scenarios.ts';

/** Where rows of the run may lie over what others wrote before, which only the server's counts can tell. */
const HIDDEN: Record<string, Scenario> = {
  'others write a table in which the run sets a column that the copy has, and all that they wrote is there': {
    setup: T,
    ...run(`update t set a = 'ours' where id = 1`, {
      before: 'insert into t values (20)',
      after: `update t set b = 'theirs' where id = 2; delete from t where id = 3`,
    }),
    proved: true,
    replayable: ['delete t 3', 'insert t 20', 'update t 2'],
  },
  'others write there, and one row twice': {
    setup: T,
    ...run(`update t set a = 'ours' where id = 1`, {
      after: `update t set b = 'theirs' where id = 2; update t set b = 'again' where id = 2`,
    }),
    proved: false,
    doubts: { t: ['written-over'] },
  },
  'others set only a column that the run set after them, in the same row': {
    setup: T,
    ...run(`update t set a = 'ours' where id < 3`, { before: `update t set a = 'theirs' where id = 1` }),
    proved: false,
    doubts: { t: ['written-over'] },
  },
  'others set a column that the run set back to what it was': {
    setup: T,
    ...run(`update t set a = 'a1' where id = 1`, { before: `update t set a = 'theirs' where id = 1` }),
    proved: false,
    doubts: { t: ['written-over'] },
  },
  'others made a row that the run changed, and removed one that it made': {
    setup: T,
    ...run(`insert into t values (20); update t set b = 'ours' where id = 21`, {
      before: 'insert into t values (21)',
      after: 'delete from t where id = 20',
    }),
    proved: false,
    doubts: { t: ['written-over'] },
  },
  'others removed a row whose key the run used again, and it changed others': {
    setup: T,
    ...run(`insert into t values (3, 'a3', 'b3'); update t set a = 'ours' where id = 1`, {
      before: 'delete from t where id = 3',
    }),
    proved: false,
    doubts: { t: ['written-over'] },
  },
  'others rolled back what they wrote in a table in which the run sets a column': {
    setup: T,
    ...run(`update t set a = 'ours' where id = 1`, { before: `begin; update t set a = 'x' where id = 1; rollback` }),
    proved: false,
    doubts: { t: ['written-over'] },
  },
  'a backfill of a column that the copy has, half done with certain ids, and others write elsewhere': {
    setup: T,
    ...steps([`update t set a = 'ours' where id < 5`, `insert into t values (20)`, 'create index on t (a)'], {
      ...{ before: `update other set a = 'y'`, after: 'insert into other values (2)', atomic: true },
    }),
    proved: true,
    replayable: ['insert other 2', 'update other 1'],
  },
  'a backfill with certain ids of a row that others had changed': {
    setup: T,
    ...steps([`update t set a = 'ours' where id < 5`, 'select 1'], {
      ...{ before: `update t set a = 'theirs' where id = 1`, atomic: true },
    }),
    proved: false,
    doubts: { t: ['written-over'] },
  },
  'a backfill of which nothing was committed': {
    setup: T,
    ...steps([`update t set a = 'ours' where id < 5`], {
      ...{ before: `update t set a = 'theirs' where id = 1`, atomic: true, interrupted: true },
    }),
    proved: true,
    replayable: ['update t 1'],
  },
};

export const SCENARIOS = { ...PLAIN, ...HIDDEN, ...CODE, ...COLUMNS, ...ATTACKS };
