import { RestoreTargetError } from './errors.ts';
import { offsetText, possibleOffsets } from './local-time.ts';
import type { RestoreOrder } from './order.ts';
import { parseDuration } from './parse-duration.ts';

const TIME = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?\s?(Z|[+-]\d\d(?::?\d\d)?)?$/i;
/** As `runId` of the command line makes them. */
const RUN = /^[a-z][a-z0-9-]*-\d{8}T\d{6}Z-[0-9a-f]{4}$/;
const FARTHEST_OFFSET = 14 * 60;

/**
 * The moment that a person names: `latest`, `10m ago`, or ISO 8601 with an offset. One without an offset is refused, and the remedy
 * spells out what it may mean: at three in the morning nobody is to wonder whose clock counts.
 *
 * @param zone the time zone of whoever asks, for the remedy only
 * @throws RestoreTargetError
 */
export function parseTarget(text: string, { now, zone }: { now: Date; zone: string }): RestoreOrder {
  const said = text.trim();
  if (/^latest$/i.test(said)) return { to: 'latest' };
  const ago = /^(.+?)\s*\bago$/i.exec(said)?.[1];
  if (ago !== undefined) return { to: 'time', time: before(now, ago, said) };
  const [, date, minute, second = '00', fraction = '0', offset] = TIME.exec(said) ?? [];
  if (date === undefined || minute === undefined) throw notUnderstood(said);
  const wall = `${date}T${minute}:${second}`;
  const milliseconds = Date.parse(`${wall}.${fraction.slice(0, 3).padEnd(3, '0')}Z`);
  // JavaScript takes the 30th of February for the 2nd of March.
  if (Number.isNaN(milliseconds) || new Date(milliseconds).toISOString().slice(0, 19) !== wall) {
    throw refused(said, 'is no moment of any calendar', 'Look at its day, hour and minute.');
  }
  if (offset === undefined) throw withoutOffset(wall, new Date(milliseconds), zone);
  const minutes = minutesOf(offset);
  if (minutes === null) throw refused(said, 'has an offset that no place has', 'Write Z for UTC, or +01:00.');
  return { to: 'time', time: new Date(milliseconds - minutes * 60_000).toISOString() };
}

function before(now: Date, duration: string, said: string): string {
  const seconds = parseDuration(duration);
  if (seconds === null) throw notUnderstood(said);
  const moment = new Date((Math.floor(now.getTime() / 1000) - seconds) * 1000);
  if (moment.getTime() > 0) return moment.toISOString();
  throw refused(said, 'is before there were databases', 'Give a shorter time.');
}

function minutesOf(offset: string): number | null {
  if (/^z$/i.test(offset)) return 0;
  const [, sign, hours, minutes = '0'] = /^([+-])(\d\d):?(\d\d)?$/.exec(offset) ?? [];
  const total = Number(hours) * 60 + Number(minutes);
  if (Number(minutes) > 59 || total > FARTHEST_OFFSET) return null;
  return sign === '-' ? -total : total;
}

function withoutOffset(wall: string, asUtc: Date, zone: string): RestoreTargetError {
  const here = possibleOffsets(asUtc, zone).filter((minutes) => minutes !== 0);
  const local = here.map((minutes) => `${wall}${offsetText(minutes)} (${zone})`);
  const choices = [`${wall}Z (UTC)`, ...(local.length > 0 ? local : [`${wall}+01:00 (or whatever its offset is)`])];
  return refused(wall, 'has no offset: nobody knows whose clock it is', `Say which: ${choices.join(' or ')}.`);
}

function notUnderstood(said: string): RestoreTargetError {
  return refused(said, 'is no moment', remedyFor(said));
}

function remedyFor(said: string): string {
  if (RUN.test(said)) return `To go back to before that run: --before-run ${said}`;
  const snapshot = /^snapshot:(.+)$/i.exec(said)?.[1];
  if (snapshot !== undefined) return `To restore a snapshot: --snapshot ${snapshot}`;
  if (parseDuration(said) !== null) return `Say when: --to "${said} ago"`;
  if (/^\d{4}-\d\d-\d\d$/.test(said)) return `Add the time and its offset: --to ${said}T03:00:00Z`;
  return 'Write 2026-01-31T03:00:00+01:00, 2026-01-31T02:00:00Z, "10m ago", "2h ago", or latest.';
}

function refused(said: string, why: string, remedy: string): RestoreTargetError {
  return new RestoreTargetError(`"${said}" ${why}.`, { remedy });
}
