import { readdir } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { backUp } from '../../../lib/backups/back-up.ts';
import { restoreDump } from '../../../lib/backups/restore-dump.ts';
import { createS3Store } from '../../../lib/backups/s3-store.ts';
import { type BackupBench, never, openBackupBench } from '../../support/backups.ts';
import { withPgTools } from '../../support/pg-tools.ts';
import { withDatabase } from '../../support/postgres.ts';
import { type SchemaServer, startSchemaServer } from '../../support/schemas.ts';

/** Everything that could be taken for a COPY or hide one, and rows in all kinds of tables. */
const AWKWARD = String.raw`
create table "odd "" name; --" ("a
b" text, c bytea);
insert into "odd "" name; --" values (E'one\ntwo\t\\.\r\nthree', '\x00ff'), ('\.', null), (null, null);
create table none ();
insert into none default values; insert into none default values;
create table parent (id int, kind text) partition by list (kind);
create table child partition of parent for values in ('x');
insert into parent select n, 'x' from generate_series(1, 50) n;
create table base (id int); create table heir () inherits (base);
insert into base values (1); insert into heir values (2), (3);
create unlogged table fast (id int); insert into fast values (7);
create materialized view seen as select * from base;
create function trap() returns text language sql as $a$ select $$
COPY public.base (id) FROM stdin;
1
\.
$$::text $a$;
comment on table base is E'it''s -- /* COPY public.base (id) FROM stdin;\n1\n\\.\n';
create schema "Other"; create table "Other"."T" (id int generated always as identity, half int generated always as (id / 2) stored, v text);
insert into "Other"."T" (v) select repeat('wide ', 200) || n from generate_series(1, 2000) n;
select lo_from_bytea(0, convert_to(repeat(E'COPY public.base (id) FROM stdin;\n1\n\\.\n', 5000), 'UTF8'));
select lo_from_bytea(0, '');`;

withPgTools('backups are made, verified and restored', (tools) => {
  let bench: BackupBench;
  let postgres: SchemaServer;
  beforeAll(async () => {
    [bench, postgres] = await Promise.all([openBackupBench(), startSchemaServer()]);
  });
  afterAll(async () => {
    await bench.close();
    await postgres.stop();
  });

  const restore = async (id: string, target = postgres.freshDatabase()) =>
    restoreDump({
      ...{
        documents: bench.documents,
        id,
        folder: bench.folder,
        stop: never,
        now: () => new Date(),
        log: () => undefined,
      },
      store: createS3Store({ documents: bench.documents, encryptionKey: null, metadata: {}, stop: never }),
      target: { credentials: await target, applicationName: 'restore', ca: null, connectTimeoutMs: 5_000 },
      tools: { pgBin: null, path: process.env.PATH ?? '' },
    });

  test('a backup holds every row of every table, is verified, and comes back as it was', async () => {
    const database = await postgres.freshDatabase();
    await withDatabase(database, (client) => client.query(AWKWARD));
    const { manifest } = await backUp(bench.options(database, { id: 'awkward' }));
    expect(Object.fromEntries(manifest.tables.map(({ schema, table, rows }) => [`${schema}.${table}`, rows]))).toEqual({
      'Other.T': 2000,
      'public.odd " name; --': 3,
      ...{ 'public.base': 1, 'public.heir': 2, 'public.child': 50, 'public.fast': 1, 'public.none': 2 },
    });
    expect(manifest).toMatchObject({
      largeObjects: 2,
      major: 15,
      encoding: 'UTF8',
      run: 'run-1',
      encryptionKey: expect.any(String),
    });
    expect(await bench.verify('awkward', tools)).toMatchObject({ result: 'verified', findings: [], rows: 2059 });
    const restored = await restore('awkward');
    expect(restored.globals.existed).toContain('postgres');
    // The password's folder is gone.
    expect(await readdir(bench.folder)).toEqual([]);
  });

  test.each(['carthub', 'rich', 'custom', 'catalogue', 'rails'])(
    '%s comes back with the same schema and rows',
    async (schema) => {
      const database = await postgres.database(schema);
      const { manifest } = await backUp(bench.options(database, { id: `schema-${schema}` }));
      await bench.verify(manifest.id, tools);
      await restore(manifest.id);
    },
  );
});
