import { dateIn } from './keys.ts';

/** What retention needs to know of a backup. */
export type Kept = {
  id: string;
  /** When its contents were true, ISO 8601. */
  snapshotAt: string;
  /** Read in full and found whole, and not changed since. Nothing else counts. */
  verified: boolean;
  /** Its objects are not those that its manifest lists: an earlier version of them may be whole. */
  changed: boolean;
  /** Somebody asked to keep it, or S3 holds it: it is kept until then; 'ever' without an end. */
  heldUntil: string | 'ever' | null;
};

/** What runs left that have no manifest. */
export type Orphan = { id: string; run: string; newest: string };

export type Policy = {
  /** The backups of this many days, the last that have a verified one. */
  days: number;
  /** Of this many weeks and months, the last that have a verified one, the last of each. */
  weeks: number;
  months: number;
  /** What a run left that has no manifest is kept for this many days. */
  orphanDays: number;
  /** Where a day begins. */
  timeZone: string;
};

export const POLICY: Policy = { days: 7, weeks: 4, months: 6, orphanDays: 3, timeZone: 'UTC' };

export type Choice = {
  /** Why nothing expires; null when it may. */
  blocked: string | null;
  expired: string[];
  orphans: Orphan[];
  /** Why each of the others stays. */
  kept: { id: string; because: string }[];
};

const DAY_MS = 86_400_000;

/**
 * Chooses the backups that nobody needs any more.
 *
 * Days, weeks and months count only where they have a verified backup, so a month of failures ages nothing out. Backups that are not
 * verified never count; they go when there are as many verified days as are wanted, and they are older than all of these and by the
 * clock. What was changed never goes by itself: all of its versions would go with it. The newest verified backup stays in any case.
 * While the last backup is not a good one nothing expires at all.
 *
 * @param lastRun how the last run of a backup ended, as far as its caller knows
 */
export function chooseExpired(options: {
  backups: readonly Kept[];
  orphans: readonly Orphan[];
  policy: Policy;
  lastRun: 'succeeded' | 'failed';
  now: Date;
}): Choice {
  const { backups, orphans, policy, lastRun, now } = options;
  const newestFirst = backups.toSorted((a, b) => Date.parse(b.snapshotAt) - Date.parse(a.snapshotAt));
  const verified = newestFirst.filter((backup) => backup.verified);
  const [newest] = verified;
  const blocked = whyBlocked(newestFirst, orphans, lastRun, now);
  const reasons = new Map<string, string>();
  const keep = ({ id }: Kept, because: string) => reasons.get(id) ?? reasons.set(id, because);
  if (newest) keep(newest, 'the newest verified one');
  const dateOf = ({ snapshotAt }: Kept) => dateIn(new Date(snapshotAt), policy.timeZone);
  const days = lastOf(verified, policy.days, dateOf);
  for (const backup of days.all) keep(backup, `of the last ${policy.days} days`);
  for (const backup of lastOf(verified, policy.weeks, (one) => weekOf(dateOf(one))).firsts)
    keep(backup, 'the last of its week');
  for (const backup of lastOf(verified, policy.months, (one) => dateOf(one).slice(0, 7)).firsts)
    keep(backup, 'the last of its month');
  const oldestDay = days.firsts.length >= policy.days ? days.all.at(-1) : undefined;
  const sinceDays = now.getTime() - policy.days * DAY_MS;
  const oldest = oldestDay && Math.min(Date.parse(oldestDay.snapshotAt), sinceDays);
  for (const backup of newestFirst) {
    if (isHeld(backup, now)) keep(backup, backup.heldUntil === 'ever' ? 'held' : `held until ${backup.heldUntil}`);
    if (backup.changed) keep(backup, 'changed: an earlier version may be whole; a person decides');
    if (!backup.verified && !(oldest !== undefined && Date.parse(backup.snapshotAt) < oldest)) {
      keep(backup, `not verified, and not yet older than ${policy.days} verified days`);
    }
    if (blocked !== null) keep(backup, blocked);
  }
  const since = now.getTime() - policy.orphanDays * DAY_MS;
  return {
    blocked,
    expired: newestFirst.filter(({ id }) => !reasons.has(id)).map(({ id }) => id),
    orphans: blocked === null ? orphans.filter((orphan) => Date.parse(orphan.newest) < since) : [],
    kept: [...reasons].map(([id, because]) => ({ id, because })),
  };
}

function whyBlocked(
  newestFirst: readonly Kept[],
  orphans: readonly Orphan[],
  lastRun: 'succeeded' | 'failed',
  now: Date,
): string | null {
  const [last] = newestFirst;
  if (lastRun === 'failed') return 'the last run failed';
  if (!last) return 'there is no backup';
  if (!last.verified) return `the last backup, ${last.id}, is not verified`;
  if (Date.parse(last.snapshotAt) > now.getTime() + DAY_MS) return `the last backup, ${last.id}, is of the future`;
  const later = orphans.find(({ newest }) => Date.parse(newest) > Date.parse(last.snapshotAt) + LATER_MS);
  return later ? `the run ${later.run} came after the last backup and made none` : null;
}

/** S3's clock dates an orphan, and the database's a backup: what is closer came of clocks. */
const LATER_MS = 10 * 60_000;

/** The newest periods, at most `count`, that have a backup: all backups in them, and the first of each in the order given. */
function lastOf(
  newestFirst: readonly Kept[],
  count: number,
  periodOf: (backup: Kept) => string,
): { all: Kept[]; firsts: Kept[] } {
  const groups = [...Map.groupBy(newestFirst, periodOf).values()].slice(0, count);
  return { all: groups.flat(), firsts: groups.flatMap((group) => group.slice(0, 1)) };
}

/** The Monday of a date's week. */
function weekOf(date: string): string {
  const day = new Date(`${date}T00:00:00Z`);
  return new Date(day.getTime() - ((day.getUTCDay() + 6) % 7) * DAY_MS).toISOString().slice(0, 10);
}

function isHeld({ heldUntil }: Kept, now: Date): boolean {
  return heldUntil !== null && (heldUntil === 'ever' || Date.parse(heldUntil) > now.getTime());
}
