import { type Scenario, steps, T } from './scenarios.ts';

const ADD = 'alter table t add c text';
const FILL = `do $$ begin for part in 0..4 loop update t set c = a where id % 5 = part and id < 9; commit; end loop; end $$`;

/** Others write the table whose columns the run changes. */
export const COLUMNS: Record<string, Scenario> = {
  'a block fills a new column, and others write rows of the table before it and after it, one of which it filled': {
    setup: T,
    ...steps([ADD, FILL], {
      ...{ before: `insert into t values (20); delete from t where id = 1; update t set a = 'early' where id = 2` },
      ...{
        after: `insert into t values (21); delete from t where id = 3; update t set b = 'late' where id = 10`,
        interrupted: true,
      },
    }),
    proved: false,
    doubts: { t: ['altered'] },
    replayable: ['delete t 1', 'delete t 3', 'insert t 20', 'insert t 21', 'update t 10'],
  },
  'a new column has a value from the start, and others keep to it': {
    setup: T,
    ...steps([`alter table t add c text default 'none'`], {
      after: `insert into t values (20); update t set a = 'x' where id = 1`,
    }),
    proved: true,
    replayable: ['insert t 20', 'update t 1'],
  },
  'others write into the new column': {
    setup: T,
    ...steps([ADD], { after: `insert into t values (20, 'x', 'y', 'theirs'); update t set c = 'theirs' where id = 1` }),
    proved: false,
    doubts: { t: ['altered'] },
  },
  'the run fills a new column of a row that others made or changed': {
    setup: T,
    ...steps([ADD, `update t set c = 'ours'`, 'select 1'], {
      ...{ before: `insert into t values (20); update t set a = 'theirs' where id = 1`, atomic: true },
    }),
    proved: true,
    replayable: ['insert t 20', 'update t 1'],
  },
  'the run makes two columns and fills one, and others may have filled the other': {
    setup: T,
    ...steps([`${ADD}, add d text`, `update t set c = 'ours'`], {
      before: `update t set a = 'theirs' where id = 1`,
      atomic: true,
    }),
    proved: false,
    doubts: { t: ['altered'] },
  },
  'the run drops a column and makes one of the same name': {
    setup: T,
    ...steps(['alter table t drop a', 'alter table t add a text'], { after: `update t set b = 'theirs' where id = 1` }),
    proved: false,
    doubts: { t: ['altered'] },
  },
  'two columns exchange their names': {
    setup: T,
    ...steps(['alter table t rename a to x', 'alter table t rename b to a', 'alter table t rename x to b'], {
      after: `insert into t values (20, 'a', 'b')`,
    }),
    proved: false,
    doubts: { t: ['altered'] },
  },
  'the run drops a column, and others write what is left': {
    setup: T,
    ...steps(['alter table t drop b'], { after: `insert into t values (20, 'a'); update other set a = 'y'` }),
    proved: false,
    doubts: { t: ['altered'] },
    replayable: ['update other 1'],
  },
};
