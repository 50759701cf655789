import type { Client } from 'pg';

export const BASE = `create table carts (id integer primary key, total integer); create table log (id integer primary key, what text);
  create sequence numbers;`;
/** Adds a column and fills it, and changes one that was there before: half of it is done. */
export const STEPS = [
  'alter table carts add column cents integer',
  'update carts set cents = total * 100 where id <= 5',
  'update carts set total = total + 1 where id <= 5',
];
export const FILE = `-- carthub: no-transaction\n${STEPS.join(';\n')};\nupdate carts set total = total + 1 where id > 5;\ncreate role ours`;

/** What happens in each database after the restore point; the run is called as the database. */
export const HAPPENS: Record<string, (live: Client, halfDone: () => Promise<void>) => Promise<unknown>> = {
  async proved(live, halfDone) {
    await live.query(`insert into log select i, 'new' from generate_series(100, 120) i; select nextval('numbers')`);
    await halfDone();
    await live.query(`update log set what = 'changed' where id = 1; delete from log where id = 2`);
  },
  async conflict(live, halfDone) {
    await live.query('update carts set total = 7 where id = 1');
    await halfDone();
    await live.query(`insert into log values (100, 'new'); update carts set total = 8 where id = 9`);
  },
  async ddl(live, halfDone) {
    await halfDone();
    await live.query('create index theirs on log (what); create index unseen on log (what)');
  },
  moment: (live) =>
    live.query(`insert into log values (100, 'it''s new'), (101, null); update carts set total = 0 where id < 4;
      delete from log where id = 5; create table theirs (id integer)`),
  latest: (live) => live.query(`insert into log values (100, 'new'); delete from carts where id = 1`),
  broken: (live) => live.query(`insert into log values (100, 'new')`),
};

/** The other index of others is not compared by a migration. */
export const IGNORE = [{ kind: 'index' as const, name: 'public.log.unseen', reason: 'somebody else’s' }];
