import { chooseExpired, type Kept, type Policy } from './retention.ts';

/** When a backup goes at the earliest, `never` while it is held without an end, and why it is still there. */
export type Foreseen = { expires: string | 'never'; because: string };

const DAY_MS = 86_400_000;

/**
 * Tells when each backup will have expired if from now on every night makes a verified one. A night that fails puts all of it off.
 *
 * Retention counts what is there, so the days to come are gone through one by one, with the rule that will choose then.
 */
export function foresee(backups: readonly Kept[], policy: Policy, now: Date): ReadonlyMap<string, Foreseen> {
  const choose = (kept: readonly Kept[], at: Date) =>
    chooseExpired({ backups: kept, orphans: [], policy, lastRun: 'succeeded', now: at });
  const found = new Map<string, Foreseen>();
  const today = choose(backups, now);
  for (const { id, because } of today.kept) found.set(id, { expires: 'never', because });
  for (const id of today.expired) found.set(id, { expires: now.toISOString(), because: 'the next run removes it' });
  let left: Kept[] = backups.filter(({ id }) => !today.expired.includes(id));
  // What is held counts after its hold as before.
  const last = Math.max(...backups.map(({ heldUntil }) => Date.parse(heldUntil ?? '') || 0), now.getTime());
  const horizon = (last - now.getTime()) / DAY_MS + policy.days + policy.weeks * 7 + policy.months * 31 + 40;
  for (let day = 1; day <= Math.min(horizon, MOST_DAYS) && left.some(({ id }) => found.has(id)); day += 1) {
    const at = new Date(now.getTime() + day * DAY_MS);
    const made = { id: `${day} nights from now`, snapshotAt: at.toISOString() };
    left.push({ ...made, verified: true, changed: false, heldUntil: null });
    const { expired } = choose(left, at);
    for (const id of expired) {
      const known = found.get(id);
      if (known) found.set(id, { ...known, expires: at.toISOString() });
    }
    left = left.filter(({ id }) => !expired.includes(id));
  }
  return found;
}

/** Ten years: what is held longer than that is as good as held for ever. */
const MOST_DAYS = 3_653;
