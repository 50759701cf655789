import type { ClientBase } from 'pg';
import * as z from 'zod/mini';
import { quoteIdentifier } from '../postgres/identifier.ts';
import { list, only } from './table.ts';

const end = z.object({ schema: z.string(), name: z.string(), partitioned: z.boolean(), columns: z.array(z.string()) });

const foreignKey = z.object({
  name: z.string(),
  child: end,
  parent: end,
  /** Labels of the tables in which rows of either lie. */
  children: z.array(z.string()),
  parents: z.array(z.string()),
  equals: z.array(z.string()),
  full: z.boolean(),
});

export type ForeignKey = z.infer<typeof foreignKey>;

const END = (
  table: string,
  key: string,
) => `json_build_object('schema', (select nspname from pg_namespace where oid = ${table}.relnamespace),
  'name', ${table}.relname, 'partitioned', ${table}.relkind = 'p', 'columns', (select json_agg(a.attname order by u.at)
    from unnest(${key}) with ordinality u(number, at) join pg_attribute a on a.attrelid = ${table}.oid and a.attnum = u.number))`;

/** Partitions of partitions, and a plain table itself. */
const LEAVES = (table: string) => `(select json_agg(format('%I.%I', n.nspname, l.relname))
  from (select ${table}.oid as relid where ${table}.relkind = 'r' union select relid from pg_partition_tree(${table}.oid) where isleaf) tree
  join pg_class l on l.oid = tree.relid join pg_namespace n on n.oid = l.relnamespace)`;

const FOREIGN_KEYS = `
select k.conname as name, ${END('c', 'k.conkey')} as child, ${END('p', 'k.confkey')} as parent,
  coalesce(${LEAVES('c')}, '[]') as children, coalesce(${LEAVES('p')}, '[]') as parents, k.confmatchtype = 'f' as full,
  (select json_agg(format('operator(%I.%s)', n.nspname, o.oprname) order by u.at) from unnest(k.conpfeqop) with ordinality u(oid, at)
    join pg_operator o on o.oid = u.oid join pg_namespace n on n.oid = o.oprnamespace) as equals
from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_class p on p.oid = k.confrelid
where k.contype = 'f' and k.conparentid = 0 and k.convalidated
order by k.oid`;

/** The foreign keys of the database that hold for all of its rows. */
export async function readForeignKeys(client: ClientBase): Promise<ForeignKey[]> {
  const { rows } = await client.query(FOREIGN_KEYS);
  return rows.map((row) => foreignKey.parse(row));
}

/** How many rows of the child have no parent, although the constraint says that they have. */
export async function countOrphans(client: ClientBase, { child, parent, equals, full }: ForeignKey): Promise<number> {
  const nulls = child.columns.map((name) => `c.${quoteIdentifier(name)} is ${full ? 'null' : 'not null'}`);
  const bound = full ? `not (${nulls.join(' and ')})` : nulls.join(' and ');
  const match = equals.map(
    (operator, at) => `${list([parent.columns[at] ?? ''], 'p.')} ${operator} ${list([child.columns[at] ?? ''], 'c.')}`,
  );
  const { rows } = await client.query(
    `select count(*)::int as orphans from ${whole(child)} c where ${bound}
     and not exists (select from ${whole(parent)} p where ${match.join(' and ')})`,
  );
  return z.object({ orphans: z.int() }).parse(rows[0]).orphans;
}

function whole(table: z.infer<typeof end>): string {
  return table.partitioned ? only(table).slice('only '.length) : only(table);
}

/**
 * Parents before children, for writing; the other way round for removing. Where foreign keys go in a circle the order within it is
 * of no use, and nothing depends on it: rows are written without their triggers, and the constraints are asked afterwards.
 */
export function parentsFirst(tables: readonly string[], foreignKeys: readonly ForeignKey[]): string[] {
  const ordered: string[] = [];
  const entered = new Set<string>();
  const enter = (table: string) => {
    if (entered.has(table)) return;
    entered.add(table);
    for (const { children, parents } of foreignKeys) {
      if (children.includes(table)) for (const parent of parents) enter(parent);
    }
    if (tables.includes(table)) ordered.push(table);
  };
  for (const table of tables) enter(table);
  return ordered;
}
