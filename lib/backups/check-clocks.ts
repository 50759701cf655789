import { ClockSkewError } from './errors.ts';

/** Backups are dated, kept and removed by days: clocks that are this far apart are wrong, and not late. */
export const MOST_SKEW_MS = 5 * 60_000;

/**
 * Compares clocks that should tell the same: one that is wrong would date a backup, and so decide what is removed.
 *
 * @throws ClockSkewError that names the one which stands alone
 */
export function checkClocks(clocks: Readonly<Record<string, Date>>): void {
  const times = Object.entries(clocks).map(([name, time]) => ({ name, ms: time.getTime() }));
  const [first, ...rest] = times.toSorted((a, b) => a.ms - b.ms);
  const last = rest.at(-1);
  if (!first || !last || last.ms - first.ms <= MOST_SKEW_MS) return;
  const middle = rest.length > 1 ? rest[0] : undefined;
  const alone = middle === undefined ? null : middle.ms - first.ms > last.ms - middle.ms ? first : last;
  const told = times.map(({ name, ms }) => `${name} ${new Date(ms).toISOString()}`).join(', ');
  throw new ClockSkewError(`The clocks are ${Math.round((last.ms - first.ms) / 1000)} s apart: ${told}.`, {
    remedy: `Put right ${alone?.name ?? 'the one that is wrong'}, then start again.`,
  });
}
