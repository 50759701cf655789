import type { ClientBase } from 'pg';
import * as z from 'zod/mini';
import { OWN_SCHEMA } from '../postgres/tables.ts';
import { reading } from './text.ts';

const event = z.enum(['insert', 'update', 'delete', 'truncate']);

const trigger = z.object({
  table: z.string(),
  name: z.string(),
  language: z.string(),
  body: z.nullable(z.string()),
  calls: z.string(),
  sha256: z.nullable(z.string()),
  on: z.array(event),
  /** It may change the row before it is written. */
  before: z.boolean(),
});
const cascade = z.object({
  parent: z.string(),
  child: z.string(),
  columns: z.array(z.string()),
  on: z.enum(['delete', 'update']),
});

/** A trigger, or a rule of which nothing is known. */
export type Trigger = {
  name: string;
  on: readonly z.infer<typeof event>[];
  /** The columns of the row that it sets before that is written; null where those are not known. */
  columns: readonly string[] | null;
  /** The function that it calls, with the SHA-256 of its body; null where all that it does is to set the columns. */
  calls: { name: string; sha256: string | null } | null;
};

/** What else happens in this database when rows of a table are written. */
export type SideEffects = {
  /** Tables, with their schemas and names. */
  tables: readonly { label: string; schema: string; name: string }[];
  /** Names of views and foreign tables: who writes those writes elsewhere. */
  others: ReadonlySet<string>;
  /** By table. */
  triggers: ReadonlyMap<string, readonly Trigger[]>;
  /** Functions that changes of the schema call, whichever they are. */
  onDdl: readonly NonNullable<Trigger['calls']>[];
  /** Foreign keys that write the child when the parent is written; `columns` are the parent's. */
  cascades: readonly z.infer<typeof cascade>[];
  /** Partitions and what else inherits, by the tables above them. */
  children: ReadonlyMap<string, readonly string[]>;
  /** Functions of the users by name, with the SHA-256 of each body; null for one that has no text. */
  functions: ReadonlyMap<string, readonly (string | null)[]>;
  /** Functions that write no table: PostgreSQL's own, and those of extensions that are known. */
  harmless: ReadonlySet<string>;
};

const TABLES = `select format('%I.%I', n.nspname, c.relname) as label, n.nspname as schema, c.relname as name
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p') and n.nspname !~ '^pg_' and n.nspname not in ('information_schema', '${OWN_SCHEMA}')`;

const OTHERS = `select distinct relname as name from pg_class where relkind in ('v', 'f', 'm')`;

/** Of extensions that compute and write nothing. */
const TRUSTED = `exists (select from pg_depend x join pg_extension e on e.oid = x.refobjid and x.refclassid = 'pg_extension'::regclass
  where x.classid = 'pg_proc'::regclass and x.objid = p.oid and e.extname in ('uuid-ossp', 'pgcrypto', 'citext', 'hstore', 'pg_trgm', 'unaccent',
    'ltree', 'btree_gin', 'btree_gist', 'intarray', 'fuzzystrmatch', 'cube', 'earthdistance'))`;

const SHA256 = `encode(sha256(convert_to(p.prosrc, 'UTF8')), 'hex')`;

/**
 * Of rules the text is not looked at; partitions have their parents' triggers; defaults and checks run functions, too. The bits are those of
 * pg_trigger.h.
 */
const TRIGGERS = `
select format('%I.%I', n.nspname, c.relname) as table, t.tgname as name, l.lanname as language, p.prosrc as body,
  p.proname as calls, case when l.lanname in ('plpgsql', 'sql') then ${SHA256} end as sha256, t.tgtype & 66 > 0 as before,
  (select jsonb_agg(e.name) from (values (4, 'insert'), (8, 'delete'), (16, 'update'), (32, 'truncate')) e(bit, name) where t.tgtype & e.bit > 0) as on
from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace
join pg_proc p on p.oid = t.tgfoid join pg_language l on l.oid = p.prolang
where not t.tgisinternal and t.tgenabled <> 'D'
union all
select format('%I.%I', n.nspname, c.relname), r.rulename, 'rule', null, r.rulename, null, true, '["insert", "update", "delete"]'::jsonb
from pg_rewrite r join pg_class c on c.oid = r.ev_class join pg_namespace n on n.oid = c.relnamespace
where r.ev_type <> '1' and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
union all
select distinct format('%I.%I', n.nspname, c.relname), p.proname, l.lanname, null, p.proname,
  case when l.lanname in ('plpgsql', 'sql') then ${SHA256} end, false, '["insert", "update"]'::jsonb
from pg_depend d join pg_proc p on p.oid = d.refobjid and d.refclassid = 'pg_proc'::regclass join pg_language l on l.oid = p.prolang
left join pg_attrdef f on d.classid = 'pg_attrdef'::regclass and f.oid = d.objid
left join pg_constraint k on d.classid = 'pg_constraint'::regclass and k.oid = d.objid
join pg_class c on c.oid = coalesce(f.adrelid, k.conrelid) join pg_namespace n on n.oid = c.relnamespace
where p.oid >= 16384 and p.provolatile = 'v' and not ${TRUSTED}`;

const ON_DDL = `select p.proname as name, case when l.lanname in ('plpgsql', 'sql') then ${SHA256} end as sha256
  from pg_event_trigger t join pg_proc p on p.oid = t.evtfoid join pg_language l on l.oid = p.prolang
  where t.evtenabled <> 'D' and not exists (select from pg_depend x where x.classid = 'pg_event_trigger'::regclass and x.objid = t.oid and x.deptype = 'e')`;

const CASCADES = `
select format('%I.%I', pn.nspname, p.relname) as parent, format('%I.%I', cn.nspname, c.relname) as child, x.on,
  (select json_agg(a.attname) from pg_attribute a where a.attrelid = p.oid and a.attnum = any (k.confkey)) as columns
from pg_constraint k
join pg_class p on p.oid = k.confrelid join pg_namespace pn on pn.oid = p.relnamespace
join pg_class c on c.oid = k.conrelid join pg_namespace cn on cn.oid = c.relnamespace
cross join lateral (values ('delete', k.confdeltype), ('update', k.confupdtype)) as x("on", action)
where k.contype = 'f' and x.action in ('c', 'n', 'd')`;

const CHILDREN = `
select format('%I.%I', pn.nspname, p.relname) as parent, format('%I.%I', cn.nspname, c.relname) as child
from pg_inherits i join pg_class p on p.oid = i.inhparent join pg_namespace pn on pn.oid = p.relnamespace
join pg_class c on c.oid = i.inhrelid join pg_namespace cn on cn.oid = c.relnamespace where c.relkind in ('r', 'p')`;

const FUNCTIONS = `select p.proname as name, json_agg(case when l.lanname in ('plpgsql', 'sql') and p.prosrc <> '' then ${SHA256} end) as bodies
  from pg_proc p join pg_namespace n on n.oid = p.pronamespace join pg_language l on l.oid = p.prolang
  where n.nspname not in ('pg_catalog', 'information_schema') and not ${TRUSTED} group by p.proname`;

/** query_to_xml and the like run a text. */
const HARMLESS = `select p.proname as name from pg_proc p join pg_namespace n on n.oid = p.pronamespace
  where (n.nspname = 'pg_catalog' and p.oid < 16384 and p.proname !~ '^(query_to_xml|cursor_to_xml|ts_stat$|ts_rewrite$)') or ${TRUSTED} group by 1`;

/** Reads the catalogs. Changes nothing. */
export function readSideEffects(client: ClientBase): Promise<SideEffects> {
  return reading(client, async () => {
    const ask = async <T extends z.ZodMiniType>(sql: string, row: T): Promise<z.infer<T>[]> =>
      (await client.query(sql)).rows.map((one) => row.parse(one));
    const names = async (sql: string) =>
      new Set((await ask(sql, z.object({ name: z.string() }))).map((one) => one.name));
    const triggers = Map.groupBy(await ask(TRIGGERS, trigger), ({ table }) => table);
    const functions = await ask(FUNCTIONS, z.object({ name: z.string(), bodies: z.array(z.nullable(z.string())) }));
    return {
      tables: await ask(TABLES, z.object({ label: z.string(), schema: z.string(), name: z.string() })),
      others: await names(OTHERS),
      triggers: new Map([...triggers].map(([table, all]) => [table, all.map(described)])),
      onDdl: await ask(ON_DDL, z.object({ name: z.string(), sha256: z.nullable(z.string()) })),
      cascades: await ask(CASCADES, cascade),
      children: groupChildren(await ask(CHILDREN, z.object({ parent: z.string(), child: z.string() }))),
      functions: new Map(functions.map(({ name, bodies }) => [name, bodies])),
      harmless: await names(HARMLESS),
    };
  });
}

/** What happens in either: an object may have been there before the run and not after it, or the other way round. */
export function eitherSideEffects(a: SideEffects, b: SideEffects): SideEffects {
  const tables = new Map([...a.tables, ...b.tables].map((table) => [table.label, table]));
  return {
    tables: [...tables.values()],
    others: new Set([...a.others, ...b.others]),
    triggers: united(a.triggers, b.triggers),
    onDdl: [...a.onDdl, ...b.onDdl],
    cascades: [...a.cascades, ...b.cascades],
    children: united(a.children, b.children),
    functions: united(a.functions, b.functions),
    harmless: a.harmless,
  };
}

function united<T>(a: ReadonlyMap<string, readonly T[]>, b: ReadonlyMap<string, readonly T[]>): Map<string, T[]> {
  return new Map(
    [...new Set([...a.keys(), ...b.keys()])].map((key) => [key, [...(a.get(key) ?? []), ...(b.get(key) ?? [])]]),
  );
}

function groupChildren(links: readonly { parent: string; child: string }[]): Map<string, string[]> {
  const groups = Map.groupBy(links, ({ parent }) => parent);
  return new Map([...groups].map(([parent, all]) => [parent, all.map(({ child }) => child)]));
}

function described({ name, language, body, calls, sha256, on, before }: z.infer<typeof trigger>): Trigger {
  const columns = language === 'plpgsql' ? columnsSetBy(body ?? '') : null;
  if (columns !== null) return { name, on, columns, calls: null };
  return { name, on, columns: before ? null : [], calls: { name: calls, sha256 } };
}

/** `BEGIN NEW.updated_at = NOW(); RETURN NEW; END`: assignments of what needs no look at a table. */
const ASSIGNS = /^\s*begin\s+((?:new\.\w+\s*:?=\s*[\w.\s]+(?:\(\s*\))?\s*;\s*)+)return\s+new\s*;\s*end\s*;?\s*$/i;
const KNOWN_CALLS =
  /^(now|current_timestamp|clock_timestamp|statement_timestamp|transaction_timestamp|localtimestamp)$/i;

function columnsSetBy(body: string): string[] | null {
  const assignments = ASSIGNS.exec(body)?.[1];
  if (assignments === undefined) return null;
  const columns: string[] = [];
  for (const [, column = '', value = ''] of assignments.matchAll(/new\.(\w+)\s*:?=\s*([^;]+);/gi)) {
    if (!KNOWN_CALLS.test(value.replace(/\(\s*\)/, '').trim())) return null;
    columns.push(column.toLowerCase());
  }
  return columns;
}
