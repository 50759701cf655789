/** One event with names and numbers, never with SQL or anybody's data. */
export type Log = (
  level: 'info' | 'warning' | 'error',
  event: string,
  fields?: Record<string, string | number | boolean | null>,
) => void;

const EVERY_MS = 10_000;

/** Tells at most every ten seconds how far a stream has come, and how fast. */
export function tellRate(options: {
  log: Log;
  now: () => Date;
  event: string;
  tables?: () => number;
}): (bytes: number) => void {
  const { log, now, event, tables } = options;
  const begun = now().getTime();
  let told = begun;
  let sum = 0;
  return (bytes) => {
    sum += bytes;
    const at = now().getTime();
    if (at - told < EVERY_MS) return;
    told = at;
    log('info', event, { bytes: sum, ...(tables ? { tables: tables() } : {}), mibPerSecond: rateOf(sum, at - begun) });
  };
}

/** MiB a second, to a tenth. */
export function rateOf(bytes: number, ms: number): number {
  return Math.round((bytes / 1024 ** 2 / Math.max(ms, 1)) * 10_000) / 10;
}
