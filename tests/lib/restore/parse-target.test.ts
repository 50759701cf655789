import { expect, test } from '@jest/globals';
import { localTime, offsetMinutes, offsetText, utcTime } from '../../../lib/restore/local-time.ts';
import { restoreOrder } from '../../../lib/restore/order.ts';
import { parseDuration } from '../../../lib/restore/parse-duration.ts';
import { parseTarget } from '../../../lib/restore/parse-target.ts';
import { anySeed, randomFrom } from '../../support/random.ts';

const NOW = new Date('2026-01-31T02:00:00.700Z');
const BERLIN = { now: NOW, zone: 'Europe/Berlin' };
const ZONES = ['UTC', 'Europe/Berlin', 'America/St_Johns', 'Asia/Kolkata', 'Pacific/Kiritimati', 'Australia/Lord_Howe'];

/** What an error says and what it says to do, as one text. */
function refusal(text: string, at = BERLIN): string {
  try {
    return `accepted as ${JSON.stringify(parseTarget(text, at))}`;
  } catch (error) {
    const remedy = error instanceof Error && 'remedy' in error ? error.remedy : '';
    return error instanceof Error ? `${error.name}: ${error.message} ${remedy}` : String(error);
  }
}

test.each([
  ['2026-01-31T03:00:00+01:00', '2026-01-31T02:00:00.000Z'],
  ['2026-01-31T02:00:00Z', '2026-01-31T02:00:00.000Z'],
  ['2026-01-31 02:00z', '2026-01-31T02:00:00.000Z'],
  ['2026-01-31T02:00:00.1239Z', '2026-01-31T02:00:00.123Z'],
  ['2026-01-30T22:30:00-0330', '2026-01-31T02:00:00.000Z'],
  ['2026-01-31 03:00 +01', '2026-01-31T02:00:00.000Z'],
  ['10m ago', '2026-01-31T01:50:00.000Z'],
  [' 2 hours ago ', '2026-01-31T00:00:00.000Z'],
  ['1h30m ago', '2026-01-31T00:30:00.000Z'],
  ['90s ago', '2026-01-31T01:58:30.000Z'],
  ['1 day 1 hour ago', '2026-01-30T01:00:00.000Z'],
])('%s is %s', (text, time) => {
  expect(parseTarget(text, BERLIN)).toEqual({ to: 'time', time });
});

test('latest is left to the logs in store', () => {
  expect(parseTarget('Latest', BERLIN)).toEqual({ to: 'latest' });
});

test.each([
  ['2026-01-31T03:00:00', '2026-01-31T03:00:00Z (UTC) or 2026-01-31T03:00:00+01:00 (Europe/Berlin)'],
  ['2026-07-31 03:00', '2026-07-31T03:00:00+02:00 (Europe/Berlin)'],
  // The hour that comes twice, and the one that is left out.
  ['2026-10-25T02:30', '02:30:00+02:00 (Europe/Berlin) or 2026-10-25T02:30:00+01:00 (Europe/Berlin)'],
  ['2026-03-29T02:30', '2026-03-29T02:30:00+01:00 (or whatever its offset is)'],
])('a time without an offset is refused, and what it may mean is spelled out: %s', (text, choices) => {
  expect(refusal(text)).toContain('RestoreTargetError: ');
  expect(refusal(text)).toContain(choices);
});

test.each([
  ['2026-02-30T03:00:00Z', 'is no moment of any calendar'],
  ['2026-01-31T24:00:00Z', 'is no moment of any calendar'],
  ['2026-01-31T03:60Z', 'is no moment of any calendar'],
  ['2026-01-31T03:00:60Z', 'is no moment of any calendar'],
  ['2026-01-31T03:00:00+25:00', 'has an offset that no place has'],
  ['2026-01-31T03:00:00+01:75', 'has an offset that no place has'],
  ['2026-01-31', 'Add the time and its offset: --to 2026-01-31T03:00:00Z'],
  ['10m', 'Say when: --to "10m ago"'],
  ['10 ago', 'is no moment'],
  ['ten minutes ago', 'is no moment'],
  ['10m before', 'is no moment'],
  ['999999d ago', 'is before there were databases'],
  ['', 'Write 2026-01-31T03:00:00+01:00'],
  ['yesterday', 'Write 2026-01-31T03:00:00+01:00'],
  ['1769824800', 'is no moment'],
  ['Sat, 31 Jan 2026 02:00:00 GMT', 'is no moment'],
  ['snapshot:before-012', '--snapshot before-012'],
  ['carthub-20260101T120000Z-0a1b', '--before-run carthub-20260101T120000Z-0a1b'],
])('%j is refused: %s', (text, said) => {
  expect(refusal(text)).toContain('RestoreTargetError: ');
  expect(refusal(text)).toContain(said);
});

test('whatever moment, offset and precision: it is read as that moment, and its echo is read as the same', () => {
  const seed = anySeed();
  const { below, pick, chance } = randomFrom(seed);
  for (let round = 0; round < 800; round += 1) {
    const at = new Date(below(4_000_000_000) * 1000 + (chance(0.5) ? below(1000) : 0));
    const offset = pick([0, 60, -210, 345, 840, -720, 90]);
    const wall = new Date(at.getTime() + offset * 60_000).toISOString().slice(0, -1);
    const text = `${wall.replace('T', pick(['T', ' ', 't']))}${offset === 0 ? 'Z' : offsetText(offset)}`;
    const read = parseTarget(text, BERLIN);
    expect({ seed, text, read }).toEqual({ seed, text, read: { to: 'time', time: at.toISOString() } });
    expect(restoreOrder.safeParse(read).success).toBe(true);
    const second = new Date(Math.floor(at.getTime() / 1000) * 1000);
    expect(parseTarget(utcTime(at), BERLIN)).toEqual({ to: 'time', time: second.toISOString() });
    const zone = pick(ZONES);
    // The echo of the local time, read back without the name of its zone, is the same second again.
    const echoed = localTime(at, zone).replace(/ \(.+\)$/, '');
    expect({ seed, echoed, zone, read: parseTarget(echoed, BERLIN) }).toMatchObject({
      read: { to: 'time', time: second.toISOString() },
    });
  }
});

test('whatever wall clock without an offset: the readings that the remedy offers include every moment it was shown at', () => {
  const seed = anySeed();
  const { below, pick } = randomFrom(seed);
  for (let round = 0; round < 300; round += 1) {
    const at = new Date(1_500_000_000_000 + below(500_000_000) * 1000);
    const zone = pick(ZONES.slice(1));
    const minutes = offsetMinutes(at, zone);
    const wall = new Date(at.getTime() + minutes * 60_000).toISOString().slice(0, 19);
    const right = minutes === 0 ? `${wall}Z` : `${wall}${offsetText(minutes)} (${zone})`;
    expect({ seed, zone, said: refusal(wall, { now: NOW, zone }) }).toMatchObject({
      said: expect.stringContaining(right),
    });
  }
});

test('whatever duration: so many seconds ago, and what is no duration is none', () => {
  const seed = anySeed();
  const { below, pick } = randomFrom(seed);
  const units = { s: 1, sec: 1, seconds: 1, m: 60, min: 60, minutes: 60, h: 3600, hours: 3600, d: 86_400, day: 86_400 };
  for (let round = 0; round < 500; round += 1) {
    const parts = Array.from({ length: 1 + below(3) }, () => ({
      count: below(400),
      unit: pick(Object.entries(units)),
    }));
    const text = parts.map(({ count, unit: [name] }) => `${count}${pick(['', ' '])}${name}`).join(pick(['', ' ']));
    const seconds = parts.reduce((sum, { count, unit }) => sum + count * unit[1], 0);
    expect({ seed, text, seconds: parseDuration(text) }).toEqual({ seed, text, seconds });
    const read = parseTarget(`${text} ago`, BERLIN);
    expect(read).toEqual({ to: 'time', time: new Date((1769824800 - seconds) * 1000).toISOString() });
  }
  for (const text of ['', '10', 'm', '10x', '1.5h', '-5m', '5m!', '5m and 3s', '12345678s']) {
    expect({ text, seconds: parseDuration(text) }).toEqual({ text, seconds: null });
  }
});
