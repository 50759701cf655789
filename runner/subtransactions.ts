import type { Client } from 'pg';
import { subtransactionsBelow } from '../lib/journal/transactions.ts';

/** So many ids are looked at one by one, in about a second; more are taken as they are. */
const MOST_IDS = 1_000_000n;

/**
 * Where the subtransactions of the open transaction have their ids: between its own and that of its last one, less what others
 * have committed or rolled back by now. Theirs that go on cannot be told from ours.
 *
 * @param last of its last subtransaction, the lower 32 bits
 */
export async function subtransactionsOf(
  client: Client,
  xid: string,
  last: string,
): Promise<{ from: string; below: string }[]> {
  const below = subtransactionsBelow(xid, last);
  if (below === null) return [];
  const from = BigInt(xid) + 1n;
  if (BigInt(below) - from > MOST_IDS) return [{ from: `${from}`, below }];
  const { rows } = await client.query<{ from: string; below: string }>(
    `select min(id)::text as "from", (max(id) + 1)::text as below
     from (select id, id - row_number() over (order by id) as island from pg_catalog.generate_series($1::bigint, $2::bigint - 1) id
           where pg_catalog.pg_xact_status(id::text::xid8) = 'in progress') open
     group by island order by min(id)`,
    [`${from}`, below],
  );
  return rows;
}
