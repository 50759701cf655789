import { localTime, utcTime } from '../../lib/restore/local-time.ts';
import type { OutcomeRecord } from '../../lib/runs/record.ts';
import { named } from '../paragraph.ts';
import { PROGRAM } from '../program.ts';
import { acceptedLossText } from '../restore/accept-loss.ts';
import type { RestoreAccount } from '../restore/account.ts';
import { besides, exactly, isKept, lossLines } from '../restore/loss-lines.ts';
import { duration } from '../timeline/duration.ts';

type Restoration = NonNullable<OutcomeRecord['restore']>;

/** What was done to put a database back: to which moment, how long the application stood, which rows, which settings, what is kept. */
export function restoreLines(restore: Restoration, account: RestoreAccount | null, zone: string): string[] {
  if (!restore.attempted) return [];
  const { done, copy, retired, expires, frozenSeconds } = restore;
  const until = expires === null ? '' : `, kept until ${utcTime(new Date(expires))}`;
  return [
    '',
    ...named([
      ...targetRows(restore, zone),
      ['stopped', stoppedText(frozenSeconds, account)],
      ...(done ? rowRows(account) : []),
      ...(account === null ? [] : settingRows(account)),
      ...(done && retired !== null ? [['old one', `${retired}, closed and protected${until}`] as const] : []),
      ...(!done && copy !== null ? [['copy', `${copy}, serving nobody${until}`] as const] : []),
    ]),
    ...(done || account?.loss == null ? [] : ['', ...lossLines(account.loss, account.documents)]),
    ...(account?.loss == null ? restore.conflicts.flatMap((sql) => ['', ...sql.split('\n')]) : []),
  ];
}

function targetRows({ target }: Restoration, zone: string): [string, string][] {
  if (target === null) return [];
  if (target.time === null) return [['as of', `the snapshot ${target.snapshot}`]];
  const at = new Date(target.time);
  return [['as of', utcTime(at)], ...(zone === 'UTC' ? [] : ([['', localTime(at, zone)]] as [string, string][]))];
}

function stoppedText(seconds: number | null, account: RestoreAccount | null): string {
  if (account?.frozenSince != null)
    return `since ${utcTime(new Date(account.frozenSince))}, and still: the sweeper lets the application in again`;
  if (seconds === null) return 'never: the application went on';
  return `${duration(seconds * 1000)}, from the freeze until the application was let in again`;
}

/** The rows that others wrote since. */
function rowRows(account: RestoreAccount | null): [string, string][] {
  const loss = account?.loss ?? null;
  if (loss === null) return [['rows', 'nobody looked for rows that were written since']];
  const { tables } = loss;
  const told = (count: (table: (typeof tables)[number]) => number | null) =>
    tables
      .flatMap((table) => (count(table) === 0 ? [] : [`${table.table} ${count(table) ?? 'nobody knows how many'}`]))
      .join(', ') || 'none';
  return [
    ['replayed', told(({ replayed }) => replayed)],
    ['lost', loss.nothing ? 'nothing, proved' : told(({ lost }) => lost)],
    ...besides(loss).map((each): [string, string] => ['', each]),
    ...(isKept(loss) ? [['', `kept as rows: ${account?.documents}/lost.jsonl`] as [string, string]] : []),
  ];
}

function settingRows({ settings, isCompared }: RestoreAccount): [string, string][] {
  if (!isCompared) return [];
  if (settings.length === 0) return [['settings', 'every field as before']];
  return settings.map(({ field, source, copy, reason }, at) => [
    at === 0 ? 'settings' : '',
    `${field} is ${brief(copy)}, was ${brief(source)}: ${reason ?? 'no reason is known'}`,
  ]);
}

const BRIEF = 40;

function brief(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value ?? null);
  return text.length > BRIEF ? `${text.slice(0, BRIEF)}...` : text;
}

/** The one command that would finish a restore, for the same database; null when there is nothing to finish. */
export function finishLine({ finish }: Restoration, account: RestoreAccount | null, flags: string): string | null {
  if (finish === null) return null;
  const loss = account?.loss ?? null;
  const accepted = loss === null || loss.nothing ? '' : ` --accept-loss ${acceptedLossText(exactly(loss))}`;
  const resumes = finish.includes('--resume') ? accepted : '';
  return `${finish.replace(/^carthub-db restore/, `${PROGRAM} restore${flags}`)}${resumes} --reason "why"`;
}
