import type { Transactions } from '../schema/written-by.ts';
import { changesOf, isAtomic, type JournalRow } from './journal.ts';

const SHORT = 1n << 32n;

/** No two ids that are both in use are further apart (https://www.postgresql.org/docs/15/routine-vacuuming.html#VACUUM-FOR-WRAPAROUND). */
const FURTHEST = 1n << 31n;

/**
 * The transactions of the rows. Of a whole file, and of a statement in a transaction of its own, one id is certain; its subtransactions lie
 * in the ranges that it noted. A statement outside a transaction has as many ids as it likes, between that of its intent and that of
 * the next word about it.
 *
 * @param next the next id when the run's sessions were gone (`pg_snapshot_xmax(pg_current_snapshot())`): up to there a statement
 *   may have worked of whose end there is no word. Without it, every id since its intent may be its own.
 */
export function transactionsOf(journal: readonly JournalRow[], next: string | null = null): Transactions {
  const ranges = journal.flatMap((row, index) => {
    if (row.state !== 'intent') return changesOf(row)?.subtransactions ?? [];
    // Committed, it has a row of its own; else it left nothing.
    if (isAtomic(row)) return [];
    return [{ from: after(row.xid), below: endOf(row, journal.slice(index + 1), next) }];
  });
  const whole = journal.filter((row) => row.state === 'transaction' || changesOf(row) !== null);
  return { xids: whole.map(({ xid }) => xid), ranges };
}

/**
 * Above the ids of a transaction's subtransactions: the id of its last one, of which a row tells the lower 32 bits.
 * null when that was the only one.
 */
export function subtransactionsBelow(xid: string, last: string): string | null {
  const own = BigInt(xid);
  const distance = (BigInt(last) - own + (own / SHORT + 1n) * SHORT) % SHORT;
  return distance <= 1n ? null : `${own + distance}`;
}

/** What was written about the statement after its end, by whomever, has a greater id than all that it did. */
function endOf(intent: JournalRow, later: readonly JournalRow[], next: string | null): string {
  const word = later.find(
    ({ version, step, state }) => version === intent.version && step === intent.step && state !== 'intent',
  );
  return word?.xid ?? next ?? `${BigInt(intent.xid) + FURTHEST}`;
}

function after(xid: string): string {
  return `${BigInt(xid) + 1n}`;
}
