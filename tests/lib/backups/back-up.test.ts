import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { backUp } from '../../../lib/backups/back-up.ts';
import { compareDump } from '../../../lib/backups/compare-rows.ts';
import { pgRestoreDecoder } from '../../../lib/backups/decode.ts';
import { restoreDump } from '../../../lib/backups/restore-dump.ts';
import { createS3Store } from '../../../lib/backups/s3-store.ts';
import { withAws } from '../../support/aws-command.ts';
import { type BackupBench, never, openBackupBench } from '../../support/backups.ts';
import { withPgTools } from '../../support/pg-tools.ts';
import { withDatabase } from '../../support/postgres.ts';
import { anySeed, randomFrom } from '../../support/random.ts';
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

  test('an archive that ends early, lacks a piece or has one twice is found by decoding it, whatever its hash', async () => {
    const seed = anySeed();
    const random = randomFrom(seed);
    const database = await postgres.freshDatabase();
    await withDatabase(database, (client) => client.query(AWKWARD));
    const { manifest } = await backUp(bench.options(database, { id: 'archive' }));
    const { s3, bucket } = bench.documents;
    const stored = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: manifest.dump[0]?.key ?? '' }));
    const archive = Buffer.from((await stored.Body?.transformToByteArray()) ?? []);
    const decode = pgRestoreDecoder(tools, { LC_ALL: 'C' }, never);
    const findingsOf = async (bytes: Buffer) => {
      const decoded = await decode(Readable.from([bytes]));
      return 'broken' in decoded ? [decoded.broken] : compareDump(manifest, decoded);
    };
    expect(await findingsOf(archive)).toEqual([]);
    const missed: string[] = [];
    for (let n = 0; n < Number(process.env.DAMAGED_ARCHIVES ?? 60); n += 1) {
      const at = random.below(archive.length - 5);
      const to = at + 1 + random.below(archive.length - at - 1);
      // An archive ends with five zero bytes: what stands behind them is not read, and nothing of the contents.
      if (to > archive.length - 5) continue;
      const [head, piece, tail] = [archive.subarray(0, at), archive.subarray(at, to), archive.subarray(to)];
      const what = random.pick(['cut', 'lacks', 'twice'] as const);
      const bytes = Buffer.concat({ cut: [head], lacks: [head, tail], twice: [head, piece, piece, tail] }[what]);
      if ((await findingsOf(bytes)).length === 0) missed.push(`${what} at ${at} to ${to} of ${archive.length}`);
    }
    expect({ seed, missed }).toEqual({ seed, missed: [] });
  });

  test('a person with psql, pg_restore and the AWS command line gets it back by the steps in the manifest', async () => {
    const database = await postgres.freshDatabase();
    await withDatabase(database, (client) => client.query(AWKWARD));
    const { manifest } = await backUp(bench.options(database, { id: 'by-hand' }));
    const steps = manifest.restoreByHand.join('\n');
    const folder = dirname(tools.dump);
    const ended = await withAws(bench.documents.s3, (path) =>
      promisify(execFile)('bash', ['-c', `set -e; ${steps}`], {
        cwd: path,
        env: {
          PATH: `${path}:${folder}:/usr/bin:/bin`,
          PGHOST: '127.0.0.1',
          PGPORT: `${database.port}`,
          PGUSER: 'postgres',
        },
      }),
    );
    expect(ended.stdout.match(/^OK$/gm)).toHaveLength(2);
    await withDatabase({ ...database, dbname: 'restored' }, async (client) => {
      expect((await client.query('select count(*)::int as rows from "Other"."T"')).rows).toEqual([{ rows: 2000 }]);
    });
  });
});
