import type { ClientBase } from 'pg';
import * as z from 'zod/mini';
import { xid } from '../postgres/columns.ts';
import { keyOf } from './document.ts';
import { QUERIES } from './kinds/kinds.ts';
import { type ReadOptions, readCatalogs } from './session.ts';

const written = z.object({ kind: z.string(), name: z.string(), xid: z.string().check(z.regex(/^\d+$/)), next: xid });

/**
 * The transaction that wrote the youngest row of each object in any catalog, as a 64-bit id, by `keyOf`. What is not there has no row, and so has
 * what the server made itself. One round trip.
 *
 * @param objects by the names of reports: whole, a part's with its owner in front
 */
export async function lastWriters(
  client: ClientBase,
  options: ReadOptions,
  objects: readonly { kind: string; name: string }[],
): Promise<Map<string, string>> {
  if (objects.length === 0) return new Map();
  const wanted = client.escapeLiteral(JSON.stringify(objects.map(keyOf)));
  const statements = QUERIES.map(({ select, partOf }) => {
    const owner =
      partOf === null ? '' : `parent::${partOf.catalog === 'pg_class' ? 'regclass' : 'regtype'}::text || '.' || `;
    return `select kind, ${owner}name as name, xids from (${select}) object`;
  });
  const rows = await readCatalogs(
    client,
    options,
    `select kind, name, (select x::text from unnest(xids) x where x is not null order by age(x) limit 1) as xid,
      pg_snapshot_xmax(pg_current_snapshot())::text as next
    from (${statements.join('\nunion all\n')}) object
    where kind || ' ' || name in (select jsonb_array_elements_text(${wanted}::jsonb)) and array_remove(xids, null) <> '{}'`,
  );
  return new Map(
    rows.map((row) => {
      const { kind, name, xid: short, next } = written.parse(row);
      return [keyOf({ kind, name }), whole(BigInt(short), BigInt(next))];
    }),
  );
}

/** Rows carry the lower 32 bits of an id, and none is younger than the next to come. */
function whole(short: bigint, next: bigint): string {
  return `${next - ((next - short) & 0xffff_ffffn)}`;
}
