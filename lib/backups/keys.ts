/** Below it lie all backups of the database whose bucket it is. */
export const BACKUPS = 'backups/';

/**
 * Where a backup's objects lie. The run stands in the keys of the data: two runs of one night never write to the same key,
 * and what a failed one left can be told from a backup without reading anything.
 */
export const backupKeys = {
  manifest: (id: string) => `${BACKUPS}${id}/manifest.json`,
  verified: (id: string) => `${BACKUPS}${id}/verified.json`,
  drilled: (id: string) => `${BACKUPS}${id}/drilled.json`,
  hold: (id: string) => `${BACKUPS}${id}/hold.json`,
  /** All data of one run. */
  folder: (id: string, run: string) => `${BACKUPS}${id}/${run}/`,
  /** The n-th object of the dump, from 1. */
  dump: (id: string, run: string, n: number) => `${BACKUPS}${id}/${run}/dump-${`${n}`.padStart(4, '0')}`,
  /** The schema as `printDocument` writes it. */
  schema: (id: string, run: string) => `${BACKUPS}${id}/${run}/schema.txt`,
  globals: (id: string, run: string) => `${BACKUPS}${id}/${run}/globals.sql`,
};

/** What a key below {@link BACKUPS} is; null for what is none of ours. */
export type BackupKey = { id: string; kind: 'manifest' | 'verified' | 'drilled' | 'hold' } | DataKey;
type DataKey = { id: string; kind: 'data'; run: string };

const NAME = '[A-Za-z0-9][A-Za-z0-9._-]{0,79}';
const DOCUMENT = new RegExp(`^${BACKUPS}(${NAME})/(manifest|verified|drilled|hold)\\.json$`);
const DATA = new RegExp(`^${BACKUPS}(${NAME})/(${NAME})/(?:dump-\\d{4,}|globals\\.sql|schema\\.txt)$`);

export function parseBackupKey(key: string): BackupKey | null {
  const [, id, kind] = DOCUMENT.exec(key) ?? [];
  if (id && (kind === 'manifest' || kind === 'verified' || kind === 'drilled' || kind === 'hold')) return { id, kind };
  const [, owner, run] = DATA.exec(key) ?? [];
  return owner && run ? { id: owner, kind: 'data', run } : null;
}

/** Whether a text can be the id of a backup or a run, and so part of a key. */
export function isBackupId(text: string): boolean {
  return new RegExp(`^${NAME}$`).test(text);
}

/**
 * The id of the backup that was due at this time: its date where the schedule lives. A night that is triggered twice, or
 * that has one hour twice when the clocks change, has one date, and so one backup.
 *
 * @param scheduled the time for which the schedule fired (not when it did), ISO 8601
 * @param timeZone IANA's name of the schedule's time zone
 */
export function nightId(scheduled: string, timeZone: string): string {
  return `night-${dateIn(new Date(scheduled), timeZone)}`;
}

/** Whether it is IANA's name of a time zone. */
export function isTimeZone(text: string): boolean {
  try {
    dateIn(new Date(0), text);
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** `2026-11-22` */
export function dateIn(time: Date, timeZone: string): string {
  const known = formats.get(timeZone);
  const format =
    known ?? new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
  if (!known) formats.set(timeZone, format);
  return format.format(time);
}

/** To make one takes a hundred times as long as to use it. */
const formats = new Map<string, Intl.DateTimeFormat>();
