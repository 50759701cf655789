import { expect, test } from '@jest/globals';
import { withDatabase } from '../support/postgres.ts';
import { change, column, journalOf, useBench } from './bench.ts';

const bench = useBench();

const alone = (sql: string) => `-- carthub: no-transaction\n${sql}`;

test.concurrent('an index that another session is building is left alone when ours fails', async () => {
  const database = await bench.freshDatabase();
  await change(
    database,
    'create table ours (id integer); insert into ours values (1), (1); create table theirs (id integer)',
  );
  const invalid = 'select c.relname::text from pg_index i join pg_class c on c.oid = i.indexrelid where not indisvalid';
  await withDatabase(database, async (holder) => {
    // CREATE INDEX CONCURRENTLY waits for this writer, with its index there and not yet valid; ours waits for no row of it.
    await holder.query('begin; insert into theirs values (1)');
    await withDatabase(database, async (builder) => {
      // Ours fails while it builds; theirs begins between the list before it and that failure.
      await change(
        database,
        `create function slow(integer) returns integer language plpgsql immutable as $$ begin
           while not exists (select from pg_stat_progress_create_index where relid = 'theirs'::regclass and phase like 'waiting%') loop
             perform pg_stat_clear_snapshot();
           end loop;
           raise 'no'; end $$`,
      );
      const running = bench.run({
        database,
        files: { '001.do.a.sql': alone('create index concurrently i on ours (slow(id))') },
      });
      await withDatabase(database, async (watcher) => {
        const begun = `select from pg_stat_progress_create_index where relid = 'ours'::regclass and phase like 'building%'`;
        while ((await watcher.query(begun)).rows.length === 0);
      });
      const building = builder.query('create index concurrently their_index on theirs (id)');
      const failed = await running;
      expect((await journalOf(database, failed)).at(-1)?.detail).toMatchObject({
        mayHaveCommitted: false,
        droppedIndexes: ['"public"."i"'],
      });
      expect(await column(database, invalid)).toEqual(['their_index']);
      await holder.query('rollback');
      await building;
    });
  });
  expect(await column(database, invalid)).toEqual([]);
});
