import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Client } from 'pg';
import type { Credentials } from '../../../lib/postgres/credentials.ts';
import { compareDatabases, compareWithDocument } from '../../../lib/schema/compare-database.ts';
import { readDocument } from '../../../lib/schema/describe.ts';
import { KINDS, PART_KINDS } from '../../../lib/schema/kinds/kind.ts';
import { QUERIES } from '../../../lib/schema/kinds/kinds.ts';
import { listSections, UnreadableNameError } from '../../../lib/schema/list.ts';
import { parseDocument } from '../../../lib/schema/parse-document.ts';
import { printDocument } from '../../../lib/schema/print-document.ts';
import { documentDigest, sectionsOf } from '../../../lib/schema/section.ts';
import { withDatabase } from '../../support/postgres.ts';
import { roundTrips, SCHEMAS, type SchemaServer, startSchemaServer } from '../../support/schemas.ts';

const options = { migrator: 'postgres' };

let postgres: SchemaServer;
let rich: Credentials;
beforeAll(async () => {
  postgres = await startSchemaServer();
  rich = await postgres.database('rich');
});
afterAll(() => postgres.stop());

const textOf = async (client: Client) => printDocument(await readDocument(client, options));

test('the rich schema holds every kind of object that a document knows, but for those that need code in C', async () => {
  const document = await withDatabase(rich, (client) => readDocument(client, options));
  const kinds = new Set(
    [...document.values()].flatMap((object) => [object.kind, ...object.parts.map(({ kind }) => kind)]),
  );
  const needC = ['access method', 'language', 'transform', 'text search parser', 'text search template'];
  expect([...KINDS, ...PART_KINDS].filter((kind) => !kinds.has(kind)).sort()).toEqual(needC.sort());
});

test('a document reads back what it wrote, for every style of schema', async () => {
  for (const schema of SCHEMAS.keys()) {
    const document = await withDatabase(await postgres.database(schema), (client) => readDocument(client, options));
    const text = printDocument(document, ['A heading']);
    expect(parseDocument(text, 'test')).toEqual(document);
  }
});

test('what an editor or git would change survives: carriage returns, blanks at the end, backslashes, names in two lines', async () => {
  await withDatabase(await postgres.freshDatabase(), async (client) => {
    await client.query(`create table "two\nlines" ("a\rb" text default E'x\r\n|y\\\\' );
      comment on table "two\nlines" is E'\\\\"no JSON"\n\n  \r\n# no heading\u2028';
      create function f() returns text language sql as E'select 1 -- \r\n \\t\n'`);
    const document = await readDocument(client, options);
    const text = printDocument(document);
    expect(text).not.toContain('\r');
    expect(parseDocument(text, 'test')).toEqual(document);
    expect(documentDigest(sectionsOf(parseDocument(text, 'test'), 'ignored'))).toBe(
      documentDigest(await listSections(client, options)),
    );
  });
});

test('SQL and TypeScript make the same digests of the same objects, with the order of columns and without', async () => {
  for (const columnOrder of ['compared', 'ignored'] as const) {
    await withDatabase(rich, async (client) => {
      const document = await readDocument(client, options);
      const listed = await listSections(client, { ...options, columnOrder });
      const digests = (sections: ReadonlyMap<string, { digest: string }>) =>
        [...sections].map(([key, { digest }]) => `${key} ${digest}`).sort();
      expect(digests(listed)).toEqual(digests(sectionsOf(document, columnOrder)));
    });
  }
});

test('a plain index is described in exactly the words of the server', async () => {
  await withDatabase(await postgres.freshDatabase(), async (client) => {
    await client.query(`create domain dom as integer; create type mood as enum ('a'); create extension citext;
      create table t (a integer, b text, c varchar(5), d text collate "C", e dom, f mood, g integer[], h citext, i char(2), j "char", k name, l timestamptz, m numeric, n uuid, o inet, p cidr, "Q r" text, s bytea, u regclass, v bit(3), w money, x macaddr, y date, z int4range);
      create index on t (a); create index on t (b desc); create index on t (c nulls first); create index on t (d desc nulls last);
      create index on t (e); create index on t (f); create index on t (g); create index on t (h); create index on t (i, j, k, l);
      create index on t (m, n, o, p, "Q r"); create unique index on t (a, b) include (c, d) where a > 0; create unique index on t (a) nulls not distinct;
      create index on t (b text_pattern_ops); create index on t (c varchar_pattern_ops); create index on t (c varchar_ops); create index on t (b bpchar_ops); create index on t (a oid_ops);
      create index on t (h text_ops); create index on t (p inet_ops, o); create index on t (d collate "default"); create index on t (b collate "C", d collate "C");
      create index on t using hash (a); create index on t (s, u, v, w); create index on t (x, y, z); create index on t (lower(b)); create index on t (a) with (fillfactor = 50);
      create index "odd USING btree (x)" on t ("Q r" desc) where "Q r" in ('a', 'b')`);
    const { parts } = (await readDocument(client, options)).get('table public.t') ?? { parts: [] };
    const { rows } = await client.query<{
      name: string;
      definition: string;
    }>(`select quote_ident(relname) as name, substr(pg_get_indexdef(oid), strpos(pg_get_indexdef(oid), ' ON public.t USING') + 13) as definition,
      (select indisunique from pg_index where indexrelid = oid) as unique from pg_class where relkind = 'i' and relnamespace = 'public'::regnamespace`);
    expect(rows.length).toBeGreaterThan(25);
    for (const { name, definition } of rows) {
      const line = parts.find((part) => part.kind === 'index' && part.name === name)?.lines[0];
      expect({ name, line: line?.replace('UNIQUE ', '') }).toEqual({ name, line: definition });
    }
  });
});

test('a plain key is described in exactly the words of the server, and one that is not is left to it', async () => {
  await withDatabase(await postgres.freshDatabase(), async (client) => {
    await client.query(`create table k (a integer, gone integer, "B b" text, c integer, d integer, e integer, f integer primary key, unique (a), unique ("B b", a), unique (c, a, d, e),
        unique (a, c, d, e, f), unique (c) include (d), unique (d) deferrable, unique (e) deferrable initially deferred, unique nulls not distinct (a, d), unique (a, e) with (fillfactor = 50),
        exclude using btree (c with =));
      alter table k drop column gone; alter table k add constraint late unique (e, c);
      create table o ("P p" integer, q integer, primary key ("P p", q)) partition by list (q); create table o_1 partition of o for values in (1)`);
    const document = await readDocument(client, options);
    const { rows } = await client.query<{ table: string; name: string; definition: string }>(
      `select 'public.' || conrelid::regclass as table, quote_ident(conname) as name, pg_get_constraintdef(oid) as definition
      from pg_constraint where conrelid >= 16384`,
    );
    expect(rows.length).toBeGreaterThan(10);
    for (const { table, name, definition } of rows) {
      const line = document.get(`table ${table}`)?.parts.find((part) => part.name === name)?.lines[0];
      expect({ name, line: line?.replace(/ inherited$/, '') }).toEqual({ name, line: definition });
    }
  });
});

test.each([
  ['the search path', 'set search_path = app, side, public'],
  ['an empty search path', `set search_path = ''`],
  [
    'how dates are written',
    `set datestyle = 'German, DMY'; set intervalstyle = 'iso_8601'; set timezone = 'Asia/Tokyo'`,
  ],
  ['how numbers are written', `set extra_float_digits = -5; set lc_monetary = 'C'; set bytea_output = 'escape'`],
  ['how names and strings are quoted', 'set quote_all_identifiers = on; set standard_conforming_strings = off'],
  ['the planner', 'set enable_hashjoin = off; set enable_sort = off; set jit = on; set jit_above_cost = 0'],
  ['the role', 'set role reader'],
  ['the transaction', 'begin isolation level serializable'],
  [
    'a temporary table that hides another',
    'create temp table people (id integer); create temp table pg_class (id integer)',
  ],
])('the same document comes whatever %s is', async (_, sql) => {
  const plain = await withDatabase(rich, textOf);
  await withDatabase(rich, async (client) => {
    await client.query(sql);
    expect(await textOf(client)).toBe(plain);
    expect(documentDigest(await listSections(client, options))).toBe(
      documentDigest(sectionsOf(parseDocument(plain, 'test'), 'ignored')),
    );
  });
});

test('it leaves no setting behind, inside a transaction of the caller nor outside, and sees what that transaction did', async () => {
  await withDatabase(rich, async (client) => {
    const settings = async () => (await client.query('select name, setting from pg_settings order by name')).rows;
    await client.query('set search_path = app');
    const before = await settings();
    await readDocument(client, options);
    expect(await settings()).toEqual(before);
    await client.query('begin; create table seen ()');
    expect((await readDocument(client, options)).has('table app.seen')).toBe(true);
    await client.query('rollback');
    expect(await settings()).toEqual(before);
  });
});

test('an error leaves the session usable, and the transaction of the caller as it was', async () => {
  const credentials = await postgres.freshDatabase();
  await withDatabase(credentials, (other) =>
    withDatabase(credentials, async (client) => {
      await client.query(`create table "a\x1eb" ()`);
      await expect(listSections(client, options)).rejects.toBeInstanceOf(UnreadableNameError);
      await client.query(`begin; drop table "a\x1eb"; set local lock_timeout = 100`);
      await other.query('begin; lock table pg_description in access exclusive mode');
      await expect(listSections(client, options)).rejects.toMatchObject({ code: '55P03' });
      await other.query('rollback');
      expect((await listSections(client, options)).has('schema public')).toBe(true);
      await client.query('commit');
      await other.query('begin; lock table pg_description in access exclusive mode');
      await client.query('set lock_timeout = 100');
      await expect(listSections(client, options)).rejects.toMatchObject({ code: '55P03' });
      expect(client.getTransactionStatus()).toBe('I');
    }),
  );
});

test('our own schema, members of extensions, and temporary objects are left out', async () => {
  await withDatabase(await postgres.freshDatabase(), async (client) => {
    await client.query(`create schema carthub_db; create table carthub_db.journal (id integer primary key); create temp table x (id integer);
      create extension hstore; create extension pg_stat_statements; create extension btree_gist`);
    expect([...(await readDocument(client, options)).keys()]).toEqual([
      'schema public',
      'extension btree_gist',
      'extension hstore',
      'extension pg_stat_statements',
      'extension plpgsql',
    ]);
  });
});

test('the role that migrates has the same name everywhere; secrets of foreign servers are not shown', async () => {
  const text = await withDatabase(rich, textOf);
  const asKeeper = await withDatabase(rich, async (client) =>
    printDocument(await readDocument(client, { migrator: 'keeper' })),
  );
  expect(text).toContain(
    'table app.people\n  with autovacuum_enabled=false, fillfactor=80, toast.autovacuum_enabled=false\n  row security on\n  owner keeper\n',
  );
  expect(asKeeper).toContain('owner <migrator>\n  grant INSERT, SELECT to reader\n');
  expect(asKeeper).toContain('owner postgres');
  expect(text).not.toContain('secret');
});

test('a schema like ours is compared in one round trip when nothing differs, and in two when something does', async () => {
  const credentials = await postgres.database('carthub');
  await withDatabase(credentials, async (client) => {
    const expected = await readDocument(client, options);
    const sent = roundTrips(client);
    expect(await compareWithDocument(client, expected, options)).toMatchObject({ equal: true });
    expect(sent.length).toBe(1);
    await client.query('alter table carts add note text');
    sent.length = 0;
    expect(await compareWithDocument(client, expected, options)).toMatchObject({ equal: false });
    expect(sent.length).toBe(2);
  });
});

test('do, undo, do of every migration ends where do alone ends', async () => {
  await withDatabase(await postgres.database('carthub'), async (client) => {
    const before = await readDocument(client, options);
    // The undo of a file that dropped a column adds it at the end.
    await client.query(`alter table carts drop customer_id; alter table carts add customer_id varchar(255) not null unique;
      create index idx_carts_customer_id on carts (customer_id)`);
    expect(await compareWithDocument(client, before, options)).toMatchObject({ equal: true });
    expect(await compareWithDocument(client, before, { ...options, columnOrder: 'compared' })).toMatchObject({
      differences: [{ what: 'different', kind: 'table', name: 'public.carts' }],
    });
  });
});

test('two databases are compared with each other, each with its own role that migrates', async () => {
  const [one, other] = [await postgres.database('tenants'), await postgres.database('tenants')];
  await withDatabase(one, (first) =>
    withDatabase(other, async (second) => {
      const sides = [
        { client: first, migrator: 'postgres' },
        { client: second, migrator: 'postgres' },
      ] as const;
      expect(await compareDatabases(...sides)).toMatchObject({ equal: true, differences: [] });
      await second.query('alter table api.documents disable row level security; drop table api.members cascade');
      const { differences } = await compareDatabases(...sides);
      expect(differences.map(({ what, kind, name }) => `${what} ${kind} ${name}`)).toEqual([
        'different table api.documents',
        'missing table api.members',
      ]);
    }),
  );
});

test('each query names each object once', async () => {
  await withDatabase(rich, async (client) => {
    await client.query(`set search_path = pg_catalog; set carthub_db.migrator = 'postgres'`);
    for (const { select } of QUERIES) {
      const { rows } = await client.query(
        `select kind, parent, name from (${select}) object group by 1, 2, 3 having count(*) > 1`,
      );
      expect(rows).toEqual([]);
    }
  });
});
