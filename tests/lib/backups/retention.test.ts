import { expect, test } from '@jest/globals';
import { nightId } from '../../../lib/backups/keys.ts';
import { chooseExpired, type Kept, type Orphan, POLICY, type Policy } from '../../../lib/backups/retention.ts';
import { anySeed, randomFrom } from '../../support/random.ts';

const DAY = 86_400_000;
const START = Date.parse('2026-01-01T02:00:00Z');
const at = (ms: number) => new Date(ms).toISOString();

function backup(day: number, more: Partial<Kept> = {}): Kept {
  const made = { id: `night-${day}`, snapshotAt: at(START + day * DAY) };
  return { ...made, verified: true, changed: false, heldUntil: null, ...more };
}

function choose(backups: Kept[], more: Partial<Parameters<typeof chooseExpired>[0]> = {}) {
  const newest = Math.max(...backups.map(({ snapshotAt }) => Date.parse(snapshotAt)), START);
  return chooseExpired({
    backups,
    orphans: [],
    policy: POLICY,
    lastRun: 'succeeded',
    now: new Date(newest + 3_600_000),
    ...more,
  });
}

const days = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => backup(from + n));

test('seven days, four weeks and six months are kept by default, of those that have a verified backup', () => {
  const { expired } = choose(days(0, 364));
  const left = days(0, 364).filter(({ id }) => !expired.includes(id));
  const kept = left.map(({ snapshotAt }) => snapshotAt.slice(0, 10));
  expect(kept).toEqual([
    ...['2026-07-31', '2026-08-31', '2026-09-30', '2026-10-31', '2026-11-30', '2026-12-13', '2026-12-20'],
    ...['2026-12-25', '2026-12-26', '2026-12-27', '2026-12-28', '2026-12-29', '2026-12-30', '2026-12-31'],
  ]);
});

test('months of failures age nothing out: what is kept after them is what was kept before', () => {
  const before = days(0, 60);
  const { expired } = choose(before);
  const left = before.filter(({ id }) => !expired.includes(id));
  expect(choose([...left, backup(300)]).expired.length).toBeLessThanOrEqual(2);
  expect(choose(left, { now: new Date(START + 300 * DAY) }).expired).toEqual([]);
});

test.each([
  ['the last run failed', days(0, 30), { lastRun: 'failed' as const }, /last run failed/],
  [
    'the last backup is not verified',
    [...days(0, 30), backup(31, { verified: false })],
    {},
    /night-31, is not verified/,
  ],
  [
    'a run after the last backup made none',
    days(0, 30),
    { orphans: [{ id: 'x', run: 'r-9', newest: at(START + 31 * DAY) }] },
    /r-9 came after/,
  ],
  [
    'the last backup is of the future',
    [...days(0, 30), backup(90)],
    { now: new Date(START + 31 * DAY) },
    /is of the future/,
  ],
  ['there is no backup', [], { orphans: [{ id: 'x', run: 'r', newest: at(START - 90 * DAY) }] }, /there is no backup/],
])('nothing expires, orphans included, while %s', (_, backups, more, why) => {
  const choice = choose(backups, more);
  expect([choice.expired, choice.orphans]).toEqual([[], []]);
  expect(choice.blocked).toMatch(why);
});

test('what is held stays until its date, for ever without one, and its age does not make room for another', () => {
  const held = [
    backup(0, { heldUntil: 'ever' }),
    backup(1, { heldUntil: at(START + 500 * DAY) }),
    backup(2, { heldUntil: at(START) }),
  ];
  const { expired } = choose([...held, ...days(3, 400)]);
  expect(expired).not.toContain('night-0');
  expect(expired).not.toContain('night-1');
  expect(expired).toContain('night-2');
});

test('a backup that is not verified never counts, and goes when it is older than all verified days', () => {
  const backups = [backup(0, { verified: false }), ...days(1, 20), backup(18.5, { id: 'odd', verified: false })];
  const { expired } = choose(backups);
  expect(expired).toContain('night-0');
  expect(expired).not.toContain('odd');
  expect(choose([backup(0, { verified: false }), backup(1, { verified: false })]).expired).toEqual([]);
});

test('one verified backup makes no history of unverified ones go, nor do old verified days that of the last days', () => {
  const unverified = days(0, 13).map((one) => ({ ...one, verified: false }));
  expect(choose([...unverified, backup(14)]).expired).toEqual([]);
  expect(choose([...unverified, ...days(14, 19)]).expired).toEqual([]);
  expect(choose([...unverified, backup(14), backup(14.1), ...days(15, 19)]).expired).toEqual([]);
  expect(choose([...unverified, ...days(14, 20)]).expired).toHaveLength(14);
  const young = backup(99, { id: 'young', verified: false });
  const policy = { ...POLICY, days: 3 };
  expect(choose([young, ...days(100, 102)], { policy, now: new Date(START + 101.9 * DAY) }).expired).toEqual([]);
  expect(choose([young, ...days(100, 102)], { policy, now: new Date(START + 102.1 * DAY) }).expired).toEqual(['young']);
});

test('a changed backup never goes by itself: an earlier version may be whole', () => {
  const changed = backup(0, { verified: false, changed: true });
  const { expired, kept } = choose([changed, ...days(1, 300)]);
  expect(expired).not.toContain('night-0');
  expect(kept).toContainEqual({ id: 'night-0', because: expect.stringContaining('an earlier version may be whole') });
});

test('orphans go after three days, and not before', () => {
  const orphans: Orphan[] = [2, 4, 17].map((age) => ({
    id: 'x',
    run: `r-${age}`,
    newest: at(START + (20 - age) * DAY),
  }));
  expect(choose(days(0, 20), { orphans }).orphans.map(({ run }) => run)).toEqual(['r-4', 'r-17']);
});

/** Nights of a year: each fails, is made and not verified, or succeeds; now and then a hold, a damage, a second backup. */
function simulate(seed: number, policy: Policy): string[] {
  const broken: string[] = [];
  const random = randomFrom(seed);
  const failing = random.pick([0, 0.05, 0.3, 0.9]);
  let store: Kept[] = [];
  let longFailure = 0;
  for (let day = 0; day < 365; day += 1) {
    longFailure = longFailure > 0 ? longFailure - 1 : random.chance(0.01) ? random.below(60) : 0;
    const failed = longFailure > 0 || random.chance(failing);
    const hour = random.below(22);
    if (!failed)
      store.push(
        backup(day + hour / 24, {
          id: `n-${day}`,
          verified: !random.chance(0.05),
          heldUntil: random.chance(0.01) ? 'ever' : null,
        }),
      );
    if (random.chance(0.05)) store.push(backup(day + 0.95, { id: `hand-${day}` }));
    if (random.chance(0.02))
      store = store.map((one) => (random.chance(0.1) ? { ...one, verified: false, changed: random.chance(0.5) } : one));
    const now = new Date(START + (day + 1) * DAY);
    const options = {
      backups: store,
      orphans: [],
      policy,
      lastRun: failed ? ('failed' as const) : ('succeeded' as const),
      now,
    };
    const { expired } = chooseExpired(options);
    const verified = store
      .filter((one) => one.verified)
      .toSorted((a, b) => Date.parse(b.snapshotAt) - Date.parse(a.snapshotAt));
    const left = store.filter(({ id }) => !expired.includes(id));
    const check = (kept: boolean, promise: string) => kept || broken.push(`${promise} (seed ${seed}, day ${day})`);
    check(!verified[0] || left.includes(verified[0]), 'the newest verified backup stays');
    check(!failed || expired.length === 0, 'nothing expires after a failure');
    const isYoung = ({ snapshotAt }: Kept) => now.getTime() - Date.parse(snapshotAt) < (policy.days - 1) * DAY;
    check(!verified.some((one) => isYoung(one) && expired.includes(one.id)), 'nothing verified of the last days goes');
    check(!store.some(({ id, changed }) => changed && expired.includes(id)), 'what was changed stays');
    const young = store.filter((one) => now.getTime() - Date.parse(one.snapshotAt) < policy.days * DAY);
    check(!young.some((one) => !one.verified && expired.includes(one.id)), 'nothing unverified of the last days goes');
    check(!store.some(({ id, heldUntil }) => heldUntil !== null && expired.includes(id)), 'what is held stays');
    check(chooseExpired({ ...options, backups: left }).expired.length === 0, 'what is left does not rest on what went');
    if (!failed && expired.length > 0) {
      const counted = left.filter((one) => one.verified && one.heldUntil === null);
      const dates = new Set(counted.map(({ snapshotAt }) => snapshotAt.slice(0, 10)));
      check(dates.size <= policy.days + policy.weeks + policy.months + 1, 'no more is kept than was asked for');
    }
    store = left;
  }
  return broken;
}

test('over a simulated year of nights with failures, the newest verified backup is never chosen, nor a young or held one', () => {
  const first = anySeed();
  for (let n = 0; n < 12; n += 1) {
    const policy = n % 3 === 0 ? { ...POLICY, days: 1, weeks: 0, months: 0 } : POLICY;
    expect(simulate(first + n, policy)).toEqual([]);
  }
}, 60_000);

test('a night has one id, whenever it is triggered and however the clocks change', () => {
  // In Berlin 2:30 comes twice on 25 October 2026, and not at all on 29 March.
  expect(nightId('2026-10-25T00:30:00Z', 'Europe/Berlin')).toBe('night-2026-10-25');
  expect(nightId('2026-10-25T01:30:00Z', 'Europe/Berlin')).toBe('night-2026-10-25');
  expect(nightId('2026-03-28T22:59:00Z', 'Europe/Berlin')).toBe('night-2026-03-28');
  expect(nightId('2026-03-29T01:30:00Z', 'Europe/Berlin')).toBe('night-2026-03-29');
  const year = Array.from({ length: 365 }, (_, n) =>
    nightId(at(Date.parse('2026-01-01T01:30:00Z') + n * DAY), 'Europe/Berlin'),
  );
  expect(new Set(year).size).toBe(365);
});
