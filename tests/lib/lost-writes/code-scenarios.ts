import { run, type Scenario, steps, T } from './scenarios.ts';

const BATCHES = (set: string) => `do $$ begin
  for part in 0..4 loop update t set ${set} where id % 5 = part; commit; end loop;
end $$`;
const ELSEWHERE = { before: `update other set a = 'y'`, after: 'insert into other values (2)' };
const THEIRS = ['insert other 2', 'update other 1'];
const BY_HAND = `${T}; create function by_hand() returns integer language plpgsql as $$ begin update other set a = 'z'; return 1; end $$`;
const COUNTING = `create function counting() returns trigger language plpgsql as $$ begin update other set a = a || '!'; return null; end $$`;

/** Blocks, procedures, functions and triggers: what their bodies may do is read, and what is not known is not guessed. */
export const CODE: Record<string, Scenario> = {
  'a block that commits on its way fills a new column, and others write elsewhere': {
    setup: T,
    ...steps(['alter table t add c text', BATCHES(`c = a || '!'`)], { ...ELSEWHERE, interrupted: true }),
    proved: true,
    replayable: THEIRS,
  },
  'a block that commits on its way sets a column that the copy has': {
    setup: T,
    ...steps([BATCHES(`a = 'ours'`)], { ...ELSEWHERE, interrupted: true }),
    proved: false,
    doubts: { t: ['unclear-author'] },
    replayable: THEIRS,
  },
  'a block runs a text that is put together on the way': {
    setup: T,
    ...steps([`do $$ begin execute 'update t set ' || 'a = 1'; end $$`], { after: `update other set a = 'y'` }),
    proved: false,
    doubts: { t: ['deleted-by-run', 'unclear-author'], other: ['deleted-by-run', 'changed-by-both'] },
  },
  'a procedure of the file fills a new column in parts': {
    setup: T,
    ...steps(
      [
        'alter table t add c text',
        `create procedure fill() language plpgsql as $$ begin update t set c = a where id < 5; commit; update t set c = a; end $$`,
        'call fill()',
        'drop procedure fill()',
      ],
      ELSEWHERE,
    ),
    proved: true,
    replayable: THEIRS,
  },
  'a procedure of the file writes another table through a function of the file': {
    setup: T,
    ...steps(
      [
        `create function further() returns integer language sql as $$ update other set a = 'ours' returning 1 $$`,
        'create procedure fill() language plpgsql as $$ begin perform further(); commit; end $$',
        'call fill()',
        'drop procedure fill(); drop function further()',
      ],
      { after: `insert into t values (20); insert into other values (2)` },
    ),
    proved: false,
    doubts: { other: ['unclear-author', 'changed-by-both'] },
    replayable: ['insert t 20'],
  },
  'a function that no file has was called': {
    setup: BY_HAND,
    ...steps(['select by_hand()'], { after: 'insert into t values (20)' }),
    proved: false,
    doubts: { t: ['deleted-by-run', 'changed-by-both'], other: ['deleted-by-run', 'unclear-author'] },
  },
  'a function that no file has was called, and is gone': {
    setup: BY_HAND,
    ...steps(['select by_hand()', 'drop function by_hand()'], { after: 'insert into t values (20)' }),
    proved: false,
    doubts: { t: ['deleted-by-run', 'changed-by-both'], other: ['deleted-by-run', 'unclear-author'] },
  },
  'a trigger of the run wrote another table, and is gone': {
    setup: T,
    ...steps(
      [
        COUNTING,
        'create trigger counts after insert on t for each row execute function counting()',
        `do $$ begin insert into t values (30); end $$`,
        'drop trigger counts on t',
        'drop function counting()',
      ],
      {},
    ),
    proved: false,
    doubts: { t: ['deleted-by-run', 'unclear-author'], other: ['deleted-by-run', 'unclear-author'] },
  },
  'a trigger that no file has fires for what the run writes': {
    setup: `${T}; create function counting() returns trigger language plpgsql as $$ begin perform 1; return null; end $$; create trigger counts after insert on t for each row execute function counting()`,
    ...steps([`do $$ begin insert into t values (30); end $$`], {}),
    proved: false,
    doubts: { t: ['deleted-by-run', 'unclear-author'], other: ['deleted-by-run'] },
  },
  'a block works with a table of its own for a while': {
    setup: T,
    ...steps(
      [
        'alter table t add c text',
        `do $$ begin create temporary table work as select id from t; insert into work values (99);
          update t set c = a from work where work.id = t.id; drop table work; end $$`,
      ],
      ELSEWHERE,
    ),
    proved: true,
    replayable: THEIRS,
  },
  'a block in a transaction sets a column that the copy has, and it was counted': {
    setup: T,
    ...run(`do $$ begin update t set a = 'ours' where id < 5; end $$`, {
      after: `update t set b = 'theirs' where id = 7`,
    }),
    proved: true,
    replayable: ['update t 7'],
  },
};
