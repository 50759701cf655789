import type { ClientBase } from 'pg';
import * as z from 'zod/mini';
import { OWN_SCHEMA } from '../postgres/tables.ts';
import { reading } from './text.ts';

const trigger = z.object({
  table: z.string(),
  language: z.string(),
  body: z.nullable(z.string()),
  updates: z.boolean(),
});
const cascade = z.object({
  parent: z.string(),
  child: z.string(),
  columns: z.array(z.string()),
  on: z.enum(['delete', 'update']),
});

/** What else happens in this database when rows of a table are written. */
export type SideEffects = {
  /** Tables, with their schemas and names. */
  tables: readonly { label: string; schema: string; name: string }[];
  /** By table, the columns that its triggers set on an update; null where they may do anything. Tables without triggers are not here. */
  triggers: ReadonlyMap<string, string[] | null>;
  /** Foreign keys that write the child when the parent is written; `columns` are the parent's. */
  cascades: readonly z.infer<typeof cascade>[];
  /** Partitions and what else inherits, by the tables above them. */
  children: ReadonlyMap<string, string[]>;
  /** Functions of the users that may write. */
  functions: ReadonlySet<string>;
};

const TABLES = `select format('%I.%I', n.nspname, c.relname) as label, n.nspname as schema, c.relname as name
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p') and n.nspname !~ '^pg_' and n.nspname not in ('information_schema', '${OWN_SCHEMA}')`;

/** Of rules the text is not looked at; partitions have their parents' triggers. */
const TRIGGERS = `
select format('%I.%I', n.nspname, c.relname) as table, l.lanname as language, p.prosrc as body, t.tgtype & 16 > 0 as updates
from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace
join pg_proc p on p.oid = t.tgfoid join pg_language l on l.oid = p.prolang
where not t.tgisinternal and t.tgenabled <> 'D'
union all
select format('%I.%I', n.nspname, c.relname), 'rule', null, true
from pg_rewrite r join pg_class c on c.oid = r.ev_class join pg_namespace n on n.oid = c.relnamespace
where r.ev_type <> '1' and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'`;

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

const FUNCTIONS = `select distinct p.proname as name from pg_proc p join pg_namespace n on n.oid = p.pronamespace
  where n.nspname not in ('pg_catalog', 'information_schema') and p.provolatile = 'v'`;

/** Reads the catalogs. Changes nothing. */
export function readSideEffects(client: ClientBase): Promise<SideEffects> {
  return reading(client, async () => {
    const ask = async <T extends z.ZodMiniType>(sql: string, row: T): Promise<z.infer<T>[]> =>
      (await client.query(sql)).rows.map((one) => row.parse(one));
    const found = await ask(TRIGGERS, trigger);
    const byTable = Map.groupBy(found, ({ table }) => table);
    return {
      tables: await ask(TABLES, z.object({ label: z.string(), schema: z.string(), name: z.string() })),
      triggers: new Map([...byTable].map(([table, all]) => [table, columnsSetBy(all)])),
      cascades: await ask(CASCADES, cascade),
      children: groupChildren(await ask(CHILDREN, z.object({ parent: z.string(), child: z.string() }))),
      functions: new Set((await ask(FUNCTIONS, z.object({ name: z.string() }))).map(({ name }) => name)),
    };
  });
}

function groupChildren(links: readonly { parent: string; child: string }[]): Map<string, string[]> {
  const groups = Map.groupBy(links, ({ parent }) => parent);
  return new Map([...groups].map(([parent, all]) => [parent, all.map(({ child }) => child)]));
}

/** `BEGIN NEW.updated_at = NOW(); RETURN NEW; END`: assignments of what needs no look at a table. */
const ASSIGNS = /^\s*begin\s+((?:new\.\w+\s*:?=\s*[\w.\s]+(?:\(\s*\))?\s*;\s*)+)return\s+new\s*;\s*end\s*;?\s*$/i;
const KNOWN_CALLS =
  /^(now|current_timestamp|clock_timestamp|statement_timestamp|transaction_timestamp|localtimestamp)$/i;

function columnsSetBy(triggers: readonly z.infer<typeof trigger>[]): string[] | null {
  const columns: string[] = [];
  for (const { language, body } of triggers) {
    const assignments = language === 'plpgsql' ? ASSIGNS.exec(body ?? '')?.[1] : undefined;
    if (assignments === undefined) return null;
    for (const [, column = '', value = ''] of assignments.matchAll(/new\.(\w+)\s*:?=\s*([^;]+);/gi)) {
      if (!KNOWN_CALLS.test(value.replace(/\(\s*\)/, '').trim())) return null;
      columns.push(column.toLowerCase());
    }
  }
  return columns;
}
