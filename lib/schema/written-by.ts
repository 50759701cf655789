import type { ClientBase } from 'pg';
import * as z from 'zod/mini';
import { KINDS, type ObjectKind, PART_KINDS, type PartKind } from './kinds/kind.ts';
import { QUERIES } from './kinds/kinds.ts';
import { type ReadOptions, readCatalogs } from './session.ts';

/** Transactions by their 64-bit ids (`xid8`), as the journal keeps them. */
export type Transactions = {
  xids: readonly string[];
  /**
   * Ids from the first on and below the second, in which subtransactions of theirs lie: those have ids of their own that nothing records. So may
   * transactions of others.
   */
  ranges?: readonly { from: string; below: string }[];
};

/** An object of which a row in a catalog was written by one of the transactions. */
export type WrittenObject = {
  kind: ObjectKind | PartKind;
  /** Whole: `public.carts`, `public.carts.id`. */
  name: string;
  /** Certain by the id of a transaction; else its id only lies in a range. */
  certain: boolean;
};

const written = z.object({ kind: z.enum([...KINDS, ...PART_KINDS]), name: z.string(), certain: z.boolean() });

/**
 * The objects that these transactions made or changed last: a row of theirs, in any catalog, carries one of the ids. A row keeps its id when
 * it is frozen. What they dropped, or others changed after them, is not here. One round trip.
 */
export async function objectsWrittenBy(
  client: ClientBase,
  options: ReadOptions,
  transactions: Transactions,
): Promise<WrittenObject[]> {
  const { xids, ranges = [] } = transactions;
  if (xids.length === 0 && ranges.length === 0) return [];
  const certain = `xids && '{${xids.map(shortXid).join(',')}}'::xid[]`;
  const between = ranges.flatMap(shortRanges).map(({ from, to }) => `id between ${from} and ${to}`);
  const inRange = `exists (select from (select x::text::bigint as id from unnest(xids) x) x where ${between.join(' or ') || 'false'})`;
  const statement = QUERIES.map(({ select, partOf }) => {
    const owner =
      partOf === null ? '' : `parent::${partOf.catalog === 'pg_class' ? 'regclass' : 'regtype'}::text || '.' || `;
    return `select kind, ${owner}name as name, coalesce(${certain}, false) as certain from (${select}) object where ${certain} or ${inRange}`;
  });
  const rows = await readCatalogs(client, options, statement.join('\nunion all\n'));
  return rows.map((row) => written.parse(row));
}

/** Rows carry the lower 32 bits. Ids below 3 are the server's own. */
const BITS = 0xffff_ffffn;

function shortXid(xid: string): bigint {
  return BigInt(xid) & BITS;
}

/** A range of 64-bit ids as one or two of 32-bit ids, both ends in it. */
function shortRanges({ from, below }: { from: string; below: string }): { from: bigint; to: bigint }[] {
  if (BigInt(below) <= BigInt(from)) return [];
  const [first, last] = [shortXid(from), (BigInt(below) - 1n) & BITS];
  return first <= last
    ? [{ from: first, to: last }]
    : [
        { from: first, to: BITS },
        { from: 3n, to: last },
      ];
}
