import type { Client } from 'pg';
import { runFile, runSteps } from './search.ts';

/** What happened in a schema of its own, and what is to be said of it. */
export type Scenario = {
  /** Before the backup. */
  setup: string;
  /** After the restore point: what others and the run do. */
  happens(live: Client, run: string): Promise<void>;
  /** The text of the run's file. */
  file?: string;
  proved: boolean;
  /** Of each table of which something is said. */
  doubts?: Record<string, string[]>;
  replayable?: string[];
};

export const T = `create table t (id integer primary key, a text, b text);
  insert into t select i, 'a' || i, 'b' || i from generate_series(1, 10) i;
  create table other (id integer primary key, a text); insert into other values (1, 'x')`;

const others = (sql: string) => async (live: Client) => {
  await live.query(sql);
};

/** The run's file 1 in one transaction, before or after what others do. */
export function run(sql: string, options: { before?: string; after?: string }): Pick<Scenario, 'happens' | 'file'> {
  return {
    file: sql,
    async happens(live, run) {
      await live.query(options.before ?? '');
      await runFile(live, run, sql);
      await live.query(options.after ?? '');
    },
  };
}

/** The run's file 1, statement by statement. */
export function steps(
  statements: string[],
  options: { before?: string; after?: string; interrupted?: boolean; atomic?: boolean },
): Pick<Scenario, 'happens' | 'file'> {
  return {
    file: statements.join(';\n'),
    async happens(live, run) {
      await live.query(options.before ?? '');
      await runSteps(live, run, statements, options);
      await live.query(options.after ?? '');
    },
  };
}

export const PLAIN: Record<string, Scenario> = {
  'nothing happened': { setup: T, happens: others('select'), proved: true },
  'a row was changed and changed back': {
    setup: T,
    happens: others(
      `update t set a = 'x' where id = 1; update t set a = 'a1' where id = 1; update t set a = a where id = 2`,
    ),
    proved: true,
  },
  'rolled back, locked and frozen': {
    setup: T,
    happens: others(
      `begin; delete from t; rollback; begin; select * from t for update; commit; begin; insert into t values (99); rollback`,
    ),
    proved: true,
  },
  'the run alone wrote': {
    setup: T,
    ...run(
      `update t set a = 'ours' where id < 5; insert into t values (20, 'ours'); create table made as select 1 as x`,
      {},
    ),
    proved: true,
  },
  'others wrote to another table than the run': {
    setup: T,
    ...run(`update t set a = 'ours'`, { before: `update other set a = 'y'`, after: 'insert into other values (2)' }),
    proved: true,
    replayable: ['insert other 2', 'update other 1'],
  },
  'the run inserted into a table that others write': {
    setup: T,
    ...run('insert into t values (20)', { after: `insert into t values (21); update t set b = 'x' where id = 3` }),
    proved: true,
    replayable: ['insert t 21', 'update t 3'],
  },
  'others changed what the run had inserted': {
    setup: T,
    ...run('insert into t values (20)', { after: `update t set b = 'x' where id = 20` }),
    proved: false,
    doubts: { t: ['changed-by-both'] },
  },
  'the run wrote over a row that others had changed': {
    setup: T,
    ...run(`update t set a = 'ours' where id = 1`, { before: `update t set b = 'theirs' where id = 1` }),
    proved: false,
    doubts: { t: ['written-over'] },
  },
  'the run wrote over a row that others had inserted': {
    setup: T,
    ...run(`update t set a = 'ours' where id = 20`, { before: 'insert into t values (20)' }),
    proved: false,
    doubts: { t: ['written-over'] },
  },
  'others wrote over a row of the run': {
    setup: T,
    ...run(`update t set a = 'ours' where id = 1`, { after: `update t set b = 'theirs' where id = 1` }),
    proved: false,
    doubts: { t: ['changed-by-both'] },
  },
  'the run sets a column, and a trigger another one': {
    setup: `${T}; create function stamp() returns trigger language plpgsql as $$ begin new.b = current_timestamp; return new; end $$;
      create trigger stamp before update on t for each row execute function stamp()`,
    ...run(`update t set a = 'ours'`, { after: `update other set a = 'y'` }),
    proved: true,
    replayable: ['update other 1'],
  },
  'the run wrote in a subtransaction, and others soon after': {
    setup: T,
    file: 'do $$ x $$',
    async happens(live, run) {
      const insert = `do $$ begin begin insert into t values (20); exception when others then raise; end; end $$`;
      await runFile(live, run, insert, { nested: true });
      await live.query(`insert into other values (2); insert into t values (21)`);
    },
    proved: false,
    doubts: { t: ['unclear-author', 'changed-by-both'] },
    replayable: ['insert other 2'],
  },
  'the run used a key again that others had freed': {
    setup: T,
    ...run(`insert into t values (3, 'a3', 'b3')`, { before: 'delete from t where id = 3' }),
    proved: false,
    doubts: { t: ['key-reused'] },
  },
  'the run changed a key': {
    setup: T,
    ...run('update t set id = 30 where id = 3', {}),
    proved: false,
    doubts: { t: ['written-over', 'changed-by-both'] },
  },
  'the run deleted': {
    setup: T,
    ...run('delete from t where id = 1', { after: 'delete from t where id = 2' }),
    proved: false,
    doubts: { t: ['deleted-by-run'] },
  },
  'the run truncated': {
    setup: T,
    ...run('truncate t', {}),
    proved: false,
    doubts: { t: ['replaced-by-run'] },
  },
  'the run rewrote': {
    setup: T,
    ...run('alter table t alter id type bigint', {}),
    proved: false,
    doubts: { t: ['replaced-by-run', 'no-key', 'written-over'] },
  },
  'the run dropped': {
    setup: T,
    ...run('drop table t', { after: `update other set a = 'y'` }),
    proved: false,
    doubts: { t: ['replaced-by-run'] },
    replayable: ['update other 1'],
  },
  'others truncated': {
    setup: T,
    happens: others('truncate other'),
    proved: true,
    replayable: ['delete other 1'],
  },
  'a table without a key that nobody wrote': {
    setup: `${T}; create table bare (x integer); insert into bare select generate_series(1, 5)`,
    happens: others(`update other set a = 'y'`),
    proved: true,
    replayable: ['update other 1'],
  },
  'a table without a key was written': {
    setup: 'create table bare (x integer); insert into bare select generate_series(1, 5)',
    happens: others('insert into bare values (6)'),
    proved: false,
    doubts: { bare: ['no-key'] },
  },
  'rows were deleted from a table without a key': {
    setup: 'create table bare (x integer unique); insert into bare select generate_series(1, 5)',
    happens: others('delete from bare where x = 1'),
    proved: false,
    doubts: { bare: ['no-key'] },
  },
  'a unique index over columns that are never null is key enough': {
    setup: `create table t (x text not null collate "C", y numeric not null, z text); create unique index on t (x, y);
      insert into t values ('a', 1.0, 'z')`,
    happens: others(`update t set y = 1.00; insert into t values ('a', 2, 'new')`),
    proved: true,
    replayable: ['insert t a,2', 'update t a,1.00'],
  },
  'an unlogged table with rows, and one without': {
    setup:
      'create unlogged table u (id integer primary key); create unlogged table v (id integer primary key); insert into u values (1)',
    happens: others('select'),
    proved: false,
    doubts: { u: ['unlogged'] },
  },
  'others made a table, and altered one': {
    setup: T,
    happens: others(
      'create table theirs (id integer primary key); insert into theirs values (1); alter table t add c text',
    ),
    proved: false,
    doubts: { theirs: ['foreign-ddl'], t: ['foreign-ddl'] },
  },
  'others dropped a table': {
    setup: T,
    happens: others('drop table other'),
    proved: false,
    doubts: { other: ['foreign-ddl'] },
  },
  'a backfill of a new column, half done, and others write elsewhere': {
    setup: T,
    ...steps(['alter table t add c text', `update t set c = a || '!' where id < 5`], {
      after: `update other set a = 'y'`,
    }),
    proved: true,
    replayable: ['update other 1'],
  },
  'a backfill of a new column, half done, and others write there': {
    setup: T,
    ...steps(['alter table t add c text', `update t set c = a || '!' where id < 5`], {
      after: `update t set a = 'y' where id = 7`,
    }),
    proved: true,
    replayable: ['update t 7'],
  },
  'statements of the run changed what the copy has, and nobody knows under which id': {
    setup: T,
    ...steps([`update t set a = 'ours' where id = 1`], { after: `update other set a = 'y'` }),
    proved: false,
    doubts: { t: ['unclear-author'] },
    replayable: ['update other 1'],
  },
  'a statement that may do anything was interrupted': {
    setup: T,
    ...steps([`do $$ begin execute 'select'; end $$`], {
      after: `update t set a = 'y' where id = 1`,
      interrupted: true,
    }),
    proved: false,
    doubts: { t: ['deleted-by-run', 'unclear-author'], other: ['deleted-by-run'] },
  },
  'a trigger fires for replayed rows, too': {
    setup: `${T}; create function f() returns trigger language plpgsql as $$ begin return new; end $$;
      create trigger x before insert on t for each row execute function f(); alter table t enable always trigger x`,
    happens: others('insert into t values (20)'),
    proved: false,
    doubts: { t: ['unwritable'] },
  },
};
