import type { Client } from 'pg';
import { QUERIES } from '../../lib/schema/kinds/kinds.ts';

/** What changes with an object by what the server records of it: the names of everything that hangs on it. */
export type Dependencies = { of(name: string): ReadonlySet<string> };

/**
 * Rows that stand for another object, which is the one that reports name: a default for its column, the rule behind a view for the view, an
 * index for its constraint, and so on. Both are taken for one.
 */
const SAME = `
  select 'pg_attrdef'::regclass::oid, oid, 0, 'pg_class'::regclass::oid, adrelid, adnum::integer from pg_attrdef
  union all select 'pg_rewrite'::regclass, oid, 0, 'pg_class'::regclass, ev_class, 0 from pg_rewrite where rulename = '_RETURN'
  union all select 'pg_type'::regclass, oid, 0, 'pg_class'::regclass, typrelid, 0 from pg_type where typrelid <> 0
  union all select 'pg_type'::regclass, typarray, 0, 'pg_type'::regclass, oid, 0 from pg_type where typarray <> 0
  union all select 'pg_type'::regclass, rngmultitypid, 0, 'pg_type'::regclass, rngtypid, 0 from pg_range
  union all select 'pg_class'::regclass, conindid, 0, 'pg_constraint'::regclass, oid, 0 from pg_constraint where contype in ('p', 'u', 'x')
  union all select 'pg_constraint'::regclass, oid, 0, 'pg_constraint'::regclass, conparentid, 0 from pg_constraint where conparentid <> 0 and contype = 'f'
  union all select 'pg_trigger'::regclass, oid, 0, 'pg_constraint'::regclass, tgconstraint, 0 from pg_trigger where tgisinternal
  union all select 'pg_publication_rel'::regclass, oid, 0, 'pg_publication'::regclass, prpubid, 0 from pg_publication_rel
  union all select 'pg_publication_namespace'::regclass, oid, 0, 'pg_publication'::regclass, pnpubid, 0 from pg_publication_namespace
  union all select 'pg_amop'::regclass, oid, 0, 'pg_opfamily'::regclass, amopfamily, 0 from pg_amop where amopfamily >= 16384
  union all select 'pg_amproc'::regclass, oid, 0, 'pg_opfamily'::regclass, amprocfamily, 0 from pg_amproc where amprocfamily >= 16384
`;

/** Columns and constraints of the same name in a child, and in a table of a type: the server keeps them alike, without an entry in `pg_depend`. */
const INHERITED = `
  select 'pg_class'::regclass::oid, c.attrelid, c.attnum::integer, 'pg_class'::regclass::oid, p.attrelid, p.attnum::integer
  from pg_inherits join pg_attribute c on c.attrelid = inhrelid join pg_attribute p on p.attrelid = inhparent and p.attname = c.attname and p.attnum > 0
  union all
  select 'pg_constraint'::regclass, c.oid, 0, 'pg_constraint'::regclass, p.oid, 0
  from pg_inherits join pg_constraint c on c.conrelid = inhrelid join pg_constraint p on p.conrelid = inhparent and p.conname = c.conname
  union all
  select 'pg_class'::regclass, c.attrelid, c.attnum::integer, 'pg_class'::regclass, p.attrelid, p.attnum::integer
  from pg_class t join pg_type y on y.oid = t.reloftype join pg_attribute c on c.attrelid = t.oid
    join pg_attribute p on p.attrelid = y.typrelid and p.attname = c.attname and p.attnum > 0
`;

type Edge = { class: number; id: number; sub: number; refclass: number; refid: number; refsub: number };

export async function readDependencies(client: Client): Promise<Dependencies> {
  const edges = async (sql: string) =>
    (await client.query<Edge>(`select * from (${sql}) edge(class, id, sub, refclass, refid, refsub)`)).rows;
  const dependents = new Map<string, Set<string>>();
  const link = (from: string, to: string) => dependents.set(from, (dependents.get(from) ?? new Set()).add(to));
  const node = (of: number, id: number, sub: number) => `${of}/${id}/${sub}`;
  for (const e of await edges(`select classid, objid, objsubid, refclassid, refobjid, refobjsubid from pg_depend
    union all ${INHERITED}`)) {
    link(node(e.refclass, e.refid, e.refsub), node(e.class, e.id, e.sub));
    if (e.refsub !== 0) link(node(e.refclass, e.refid, 0), node(e.refclass, e.refid, e.refsub));
  }
  for (const e of await edges(SAME)) {
    link(node(e.refclass, e.refid, e.refsub), node(e.class, e.id, e.sub));
    link(node(e.class, e.id, e.sub), node(e.refclass, e.refid, e.refsub));
  }
  const names = await readNames(client, (one, other) => link(one, other));
  const nodes = new Map([...names].map(([at, name]) => [name, at]));
  return {
    of(name) {
      const start = nodes.get(name);
      const reached = new Set(start ? [start] : []);
      // A set grows while it is walked.
      for (const at of reached) for (const next of dependents.get(at) ?? []) reached.add(next);
      return new Set([...reached].flatMap((at) => names.get(at) ?? []));
    },
  };
}

/** The name that reports give to each row; and each part hangs on its owner. */
async function readNames(client: Client, link: (owner: string, part: string) => void): Promise<Map<string, string>> {
  const names = new Map<string, string>();
  const owners = new Map<string, string>();
  await client.query(`begin; set local search_path = pg_catalog; set local carthub_db.migrator = 'postgres'`);
  for (const { select, catalog, partOf } of QUERIES) {
    const { rows } = await client.query<{
      kind: string;
      of: number;
      oid: number;
      sub: number;
      parent: number;
      name: string;
      up: number;
    }>(
      `select kind, '${catalog}'::regclass::oid as of, oid, sub, parent, name, '${partOf?.catalog ?? catalog}'::regclass::oid as up from (${select}) object`,
    );
    for (const { kind, of, oid, sub, parent, name, up } of rows) {
      const at = `${of}/${oid}/${sub}`;
      const owner = partOf ? owners.get(`${up}/${parent}/0`) : null;
      if (owner) link(`${up}/${parent}/0`, at);
      else owners.set(at, name);
      names.set(at, `${kind} ${owner ? `${owner}.` : ''}${name}`);
    }
  }
  await client.query('commit');
  return names;
}
