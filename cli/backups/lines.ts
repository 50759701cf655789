import { PROGRAM } from '../program.ts';
import { columns } from '../query/table.ts';
import { duration } from '../timeline/duration.ts';
import type { Backups, Listed } from './read.ts';
import { age, size } from './size.ts';

const HEAD = ['id', 'taken (UTC)', 'age', 'size', 'version', 'verified', 'drilled', 'restored in', 'expires', 'hold'];
const NUMBERS = new Set(['age', 'size', 'version', 'restored in']);

/** The backups as a person reads them: the table, and below it whatever is not as it should be. */
export function backupsLines(found: Backups, flags: string): string[] {
  const { database, bucket, backups, at } = found;
  const lines =
    backups.length === 0
      ? [`${database}: there is no backup in s3://${bucket}.`]
      : columns(
          HEAD.map((name) => ({ name, isNumber: NUMBERS.has(name) })),
          backups.map((backup) => row(backup, at)),
        );
  return [...lines, ...newestLines(found), ...oddities(found, flags)];
}

function row({ id, manifest, bytes, verified, drill, expires, heldUntil }: Listed, at: Date): string[] {
  return [
    ...[id, minute(manifest.snapshotAt), age(at.getTime() - Date.parse(manifest.snapshotAt)), size(bytes)],
    String(manifest.schema.version ?? '-'),
    verified,
    drill === null ? 'no' : drill.result === 'drilled' ? 'yes' : 'failed',
    drill?.result === 'drilled' ? duration(drill.restoreMs) : '-',
    expires === 'never' ? 'never' : expires.slice(0, 10),
    heldUntil === null ? '' : heldUntil === 'ever' ? 'held' : `held until ${heldUntil.slice(0, 10)}`,
  ];
}

function newestLines({ backups, at }: Backups): string[] {
  if (backups.length === 0) return [];
  const verified = backups.find((backup) => backup.verified === 'yes');
  const drilled = backups
    .filter(({ drill }) => drill?.result === 'drilled')
    .toSorted((a, b) => Date.parse(b.drill?.at ?? '') - Date.parse(a.drill?.at ?? ''))[0];
  const since = (time: string) => `${age(at.getTime() - Date.parse(time))} ago`;
  return [
    '',
    verified === undefined
      ? 'No backup is verified: none of these is known to decode.'
      : `The newest verified one is ${verified.id}, taken ${since(verified.manifest.snapshotAt)}.`,
    drilled?.drill
      ? `The last drill restored ${drilled.id} in ${duration(drilled.drill.restoreMs)}, ${since(drilled.drill.at)}.`
      : 'None has been restored in a drill yet.',
  ];
}

function oddities({ backups, orphans, unreadable, foreign, lastExpiring }: Backups, flags: string): string[] {
  const bad = backups.filter(({ verified }) => verified === 'damaged' || verified === 'changed');
  return [
    ...bad.flatMap((backup) => [
      `${backup.id} is ${backup.verified}, and does not count: ${whatIsWrong(backup)[0]}`,
      `  All of it: ${PROGRAM} backups show ${backup.id}${flags}`,
    ]),
    ...unreadable.map(({ id, reason }) => `${id} cannot be read, and is left alone: ${reason}`),
    ...orphans.map(
      ({ id, run, keys, bytes, newest }) =>
        `${id}: run ${run} left ${keys.length === 1 ? '1 object' : `${keys.length} objects`} (${size(bytes)}, ${minute(newest)}) without a manifest: no backup.`,
    ),
    ...(foreign.length === 0 ? [] : [`Not ours below backups/: ${foreign.slice(0, 5).join(', ')}`]),
    ...(lastExpiring?.blocked ? [`Nothing expired at ${minute(lastExpiring.at)}: ${lastExpiring.blocked}.`] : []),
    ...(lastExpiring?.refused ?? []).map(({ key, reason }) => `S3 did not let ${key} be removed: ${reason}`),
  ];
}

/** What is not as it should be of a backup. */
export function whatIsWrong({ changed, verification, drill }: Listed): string[] {
  return [...changed, ...(verification?.findings ?? []), ...(drill?.findings ?? [])];
}

/** `2026-11-22 02:00` */
export function minute(time: string): string {
  return new Date(time).toISOString().slice(0, 16).replace('T', ' ');
}
