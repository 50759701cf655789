import type { Client } from 'pg';
import * as z from 'zod/mini';
import { readJournal } from '../../lib/journal/journal.ts';
import { transactionsOf } from '../../lib/journal/transactions.ts';
import type { Difference } from '../../lib/schema/difference.ts';
import { lastWriters } from '../../lib/schema/last-writers.ts';
import type { ReadOptions } from '../../lib/schema/session.ts';

/** Who wrote an object's rows in the catalogs last: the run whose transaction it was, or null where it was none of ours. */
export type ChangedBy = {
  run: string | null;
  /** False where the id only lies among those that the run's statements or subtransactions may have had. */
  certain: boolean;
};

/**
 * Whose doing the differences are, as far as the journal knows, by `keyOf`. What is not there any more has no row that could tell. A row tells its last
 * change only.
 */
export async function changedBy(
  client: Client,
  options: ReadOptions,
  differences: readonly Difference[],
): Promise<Map<string, ChangedBy>> {
  const there = differences.filter(({ actual }) => actual !== null);
  const writers = await lastWriters(client, options, there);
  const runs = await runsBefore(client, [...new Set(writers.values())]);
  const journals = new Map<string, Awaited<ReturnType<typeof readJournal>>>();
  for (const run of new Set(runs.values())) journals.set(run, await readJournal(client, run));
  return new Map(
    [...writers].map(([key, xid]): [string, ChangedBy] => {
      const run = runs.get(xid);
      const { xids, ranges = [] } = transactionsOf(journals.get(run ?? '') ?? []);
      if (run === undefined) return [key, { run: null, certain: true }];
      if (xids.includes(xid)) return [key, { run, certain: true }];
      const within = ranges.some(({ from, below }) => BigInt(from) <= BigInt(xid) && BigInt(xid) < BigInt(below));
      return [key, within ? { run, certain: false } : { run: null, certain: true }];
    }),
  );
}

const found = z.object({ xid: z.string(), run: z.nullable(z.string()) });

/** The run that was the last to begin a transaction at or before each: one at a time has the database. */
async function runsBefore(client: Client, xids: readonly string[]): Promise<Map<string, string>> {
  const { rows: there } = await client.query(`select to_regclass('carthub_db.journal') as journal`);
  if (there[0]?.journal === null || xids.length === 0) return new Map();
  const { rows } = await client.query(
    `select wanted::text as xid, (select run_id from carthub_db.journal where xid <= wanted order by xid desc, id desc limit 1) as run
    from unnest($1::text[]::xid8[]) wanted`,
    [xids],
  );
  return new Map(rows.map((row) => found.parse(row)).flatMap(({ xid, run }) => (run === null ? [] : [[xid, run]])));
}
