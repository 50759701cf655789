/** Minutes by which the clocks of a time zone are ahead of UTC at a moment. */
export function offsetMinutes(at: Date, zone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    ...{ timeZone: zone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric' },
    ...{ hour: 'numeric', minute: 'numeric' },
  }).formatToParts(at);
  const of = (type: string) => Number(parts.find((part) => part.type === type)?.value);
  const wall = Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'));
  return Math.round((wall - Math.floor(at.getTime() / 60_000) * 60_000) / 60_000);
}

/** `+01:00` */
export function offsetText(minutes: number): string {
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  return `${minutes < 0 ? '-' : '+'}${`${hours}`.padStart(2, '0')}:${`${rest}`.padStart(2, '0')}`;
}

/** `2026-01-31T02:00:00Z`: a moment to the second, as it can be given back to us. */
export function utcTime(at: Date): string {
  return at.toISOString().replace(/\.\d+Z$/, 'Z');
}

/** A moment as a person there reads it: `2026-01-31 03:00:00 +01:00 (Europe/Berlin)`. */
export function localTime(at: Date, zone: string): string {
  const minutes = offsetMinutes(at, zone);
  const wall = utcTime(new Date(at.getTime() + minutes * 60_000));
  return `${wall.slice(0, 10)} ${wall.slice(11, 19)} ${offsetText(minutes)} (${zone})`;
}

/** The offsets that a wall clock there may have meant: two in the hour that comes twice, none in the one that is left out. */
export function possibleOffsets(wall: Date, zone: string): number[] {
  const nearby = [-1, 1].map((days) => offsetMinutes(new Date(wall.getTime() + days * 86_400_000), zone));
  return [...new Set(nearby)].filter(
    (minutes) => offsetMinutes(new Date(wall.getTime() - minutes * 60_000), zone) === minutes,
  );
}
