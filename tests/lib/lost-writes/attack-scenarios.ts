import { run, type Scenario, steps, T } from './scenarios.ts';

const theirs = (sql: string) => async (live: { query(sql: string): Promise<unknown> }) => {
  await live.query(sql);
};

const PARTS = `create table parts (id integer, region text, note text, primary key (id, region)) partition by list (region);
  create table parts_a partition of parts for values in ('a'); create table parts_b partition of parts for values in ('b');
  insert into parts select i, case when i % 2 = 0 then 'a' else 'b' end, 'old' from generate_series(1, 6) i`;

/** Shapes of tables and writes that a search by rows could miss, or a replay could get wrong. */
export const ATTACKS: Record<string, Scenario> = {
  'others moved rows between partitions, and the run fills another table in parts': {
    setup: `${T}; ${PARTS}`,
    ...steps(['alter table t add c text', 'do $$ begin update t set c = a; commit; end $$'], {
      after: `update parts set region = 'b', note = 'moved' where id = 2; insert into parts values (7, 'a', 'new'); delete from parts where id = 1`,
    }),
    proved: true,
    replayable: ['delete parts_a 2,a', 'delete parts_b 1,b', 'insert parts_a 7,a', 'insert parts_b 2,b'],
  },
  'the run writes a partitioned table by its parent': {
    setup: `${T}; ${PARTS}`,
    ...steps([`do $$ begin update parts set note = 'ours'; commit; end $$`], { after: `update other set a = 'y'` }),
    proved: false,
    doubts: { parts_a: ['unclear-author'], parts_b: ['unclear-author'] },
    replayable: ['update other 1'],
  },
  'others emptied a table and filled it again with the same keys': {
    setup: T,
    happens: theirs(`truncate other; insert into other values (1, 'again'), (2, 'new')`),
    proved: true,
    replayable: ['insert other 2', 'update other 1'],
  },
  'others exchanged unique values, moved keys, and wrote generated and identity columns': {
    setup: `create table u (id integer generated always as identity primary key, code text unique, double text generated always as (code || code) stored);
      insert into u (code) values ('a'), ('b'), ('c')`,
    happens:
      theirs(`update u set code = 'x' where id = 1; update u set code = 'a' where id = 2; update u set code = 'b' where id = 1;
      insert into u (code) values ('d'); alter sequence u_id_seq restart with 50; insert into u (code) values ('e')`),
    proved: true,
    replayable: ['insert u 4', 'insert u 50', 'update u 1', 'update u 2'],
  },
  'others changed keys that others refer to': {
    setup: `create table p (id integer primary key); create table k (id integer primary key, p integer references p on update cascade on delete cascade);
      insert into p values (1), (2), (3); insert into k values (1, 1), (2, 2), (3, 3)`,
    happens: theirs('update p set id = 10 where id = 1; delete from p where id = 2'),
    proved: true,
    replayable: ['delete k 2', 'delete p 1', 'delete p 2', 'insert p 10', 'update k 1'],
  },
  'others wrote values of many megabytes': {
    setup:
      'create table wide (id integer primary key, b bytea); insert into wide select i, decode(repeat(md5(i::text), 1000), $$hex$$) from generate_series(1, 5) i',
    happens: theirs(
      `update wide set b = decode(repeat('ab', 6000000), 'hex') where id = 1; insert into wide values (6, decode(repeat('cd', 9000000), 'hex'))`,
    ),
    proved: true,
    replayable: ['insert wide 6', 'update wide 1'],
  },
  'the run deleted rows through a foreign key': {
    setup: `create table p (id integer primary key); create table k (id integer primary key, p integer references p on delete cascade);
      insert into p values (1), (2); insert into k values (1, 1), (2, 2)`,
    ...run('delete from p where id = 1', { after: 'delete from k where id = 2' }),
    proved: false,
    doubts: { k: ['deleted-by-run'], p: ['deleted-by-run'] },
  },
  'others deleted a row that the run had changed under a certain id': {
    setup: T,
    ...steps([`update t set a = 'ours' where id < 5`, 'select 1'], {
      after: 'delete from t where id = 1',
      atomic: true,
    }),
    proved: true,
    replayable: ['delete t 1'],
  },
  'others deleted a row that the run had changed, and made it again as it was': {
    setup: T,
    ...steps([`update t set a = 'ours' where id < 5`, 'select 1'], {
      ...{ after: `delete from t where id = 1; insert into t values (1, 'a1', 'b1')`, atomic: true },
    }),
    proved: false,
    doubts: { t: ['written-over'] },
  },
  'a default runs a function that no file has': {
    setup: `${T}; create function numbered() returns integer language plpgsql as $$ begin update other set a = 'z'; return 1; end $$;
      create table d (id integer primary key, n integer default numbered())`,
    ...steps(['do $$ begin insert into d (id) values (1); end $$'], {}),
    proved: false,
    doubts: {
      d: ['deleted-by-run', 'unclear-author'],
      other: ['deleted-by-run', 'unclear-author'],
      t: ['deleted-by-run'],
    },
  },
};
