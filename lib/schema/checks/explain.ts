import type { ClientBase } from 'pg';
import * as z from 'zod/mini';

/** How few rows make it mean nothing that an index was chosen, or not. */
export const ENOUGH_ROWS = 100_000;

const node = z.object({
  'Node Type': z.string(),
  Schema: z.optional(z.string()),
  'Relation Name': z.optional(z.string()),
  get Plans(): z.ZodMiniOptional<z.ZodMiniArray<typeof node>> {
    return z.optional(z.array(node));
  },
});

type PlanNode = z.infer<typeof node>;

const explained = z.object({ 'QUERY PLAN': z.array(z.object({ Plan: node })) });

/** What stands before a query that is explained, and shifts the places that the server names in it. */
export const EXPLAIN = 'explain (verbose, format json) ';

/**
 * Why it cannot be said that every table in this query is read by an index; null when it can. The query is planned, not run.
 * https://www.postgresql.org/docs/15/sql-explain.html
 */
export async function whyNotByIndex(client: ClientBase, sql: string): Promise<string | null> {
  const { rows } = await client.query(`${EXPLAIN}${sql}`);
  const reads = rows.flatMap((row) => explained.parse(row)['QUERY PLAN']).flatMap(({ Plan }) => readsIn(Plan));
  if (reads.length === 0) return 'It reads no table.';
  const scanned = reads.filter(({ how }) => !/^(Index|Index Only|Bitmap Heap) Scan$/.test(how));
  if (scanned.length > 0) return scanned.map(({ table, how }) => `${table} is read by ${how}`).join('; ');
  const { rows: sizes } = await client.query<{ name: string; rows: number }>(
    `select format('%I.%I', nspname, relname) as name, reltuples::float8 as rows
     from pg_class c join pg_namespace n on n.oid = relnamespace
     where format('%I.%I', nspname, relname) = any ($1) and reltuples < $2`,
    [reads.map(({ table }) => table), ENOUGH_ROWS],
  );
  const small = sizes.map(
    ({ name, rows: count }) => `${name} has only ${Math.max(count, 0)} rows, as far as ANALYZE knows`,
  );
  return small.length > 0 ? small.join('; ') : null;
}

function readsIn(plan: PlanNode): { table: string; how: string }[] {
  const own =
    plan['Relation Name'] === undefined
      ? []
      : [{ table: `${plan.Schema}.${plan['Relation Name']}`, how: plan['Node Type'] }];
  return [...own, ...(plan.Plans ?? []).flatMap(readsIn)];
}
