import { localTime, utcTime } from '../../lib/restore/local-time.ts';
import { replays } from '../../lib/restore/loss.ts';
import type { RestorePlan } from '../../lib/restore/plan.ts';
import type { CapturedInstance } from '../../lib/restore/settings/instance.ts';
import { retiredExpires } from '../../lib/restore/settings/tags.ts';
import { named, wrap } from '../paragraph.ts';
import { duration } from '../timeline/duration.ts';
import type { MadePlan } from './make-plan.ts';

/** A plan as a person reads it, without the command that carries it out. Moments stand in UTC and in the time of `zone`. */
export function planLines({ plan, facts }: MadePlan, { now, zone }: { now: Date; zone: string }): string[] {
  const { source, copy, retired, target, window } = plan;
  const { options, serving } = facts;
  const from = plan.from ?? source.resourceId;
  const longest = duration(options.maxFreezeSeconds * 1000);
  return [
    `Plan of a restore of ${plan.database}. Nothing is changed yet.`,
    '',
    ...named([
      [
        'from',
        `${source.identifier} (${source.resourceId}) as it serves now${serving === null ? '' : `: ${shape(serving)}`}`,
      ],
      ...momentRows(target, { now, zone }),
      ...(from === source.resourceId ? [] : ([['logs of', `${from}, which served the database then`]] as const)),
      ...windowRows(window, zone),
      ['copy', `${copy.identifier}, made beside; it takes over the name ${source.identifier}`],
      [
        'old one',
        `becomes ${retired.identifier}: closed, protected from deletion, kept until ${retiredExpires(now).slice(0, 10)}`,
      ],
      [
        'takes',
        plan.expectedSeconds === null
          ? 'nobody knows yet: no restore of this database has been done'
          : `about ${duration(plan.expectedSeconds * 1000)}, by the restores before`,
      ],
      ['quota', quotaText(facts)],
      [
        'settings',
        'every field is captured, given to the copy, and compared before it takes over; the restore stops when one differs without a reason',
      ],
      [
        'stopped',
        `the application, ${options.freeze === 'now' ? 'from now on' : 'only once the copy stands and is validated'}, until the copy is verified; for ${longest} at the longest, then the old one serves again`,
      ],
    ]),
    '',
    'What follows the old instance, and what becomes of it:',
    ...named(plan.follows.map(({ what, how, detail }) => [what, `${how === 'refused' ? 'refused: ' : ''}${detail}`])),
    '',
    ...wrap(lossText(plan, now)),
    ...plan.notes.flatMap((note) => wrap(`Note: ${note}`)),
  ];
}

type At = { now: Date; zone: string };

/** Rows that tell a target: in UTC, in local time, and how long ago. */
export function momentRows(target: RestorePlan['target'], { now, zone }: At): [string, string][] {
  if (target.snapshot !== null) return [['to', `the snapshot ${target.snapshot}`]];
  if (target.time === null) return [['to', 'the latest moment in store']];
  const at = new Date(target.time);
  const rows: [string, string][] = [['to', `${utcTime(at)}, ${ago(at, now)}`]];
  return zone === 'UTC' ? rows : [...rows, ['', localTime(at, zone)]];
}

function ago(at: Date, now: Date): string {
  const ms = now.getTime() - at.getTime();
  return ms < 1000 ? 'now' : `${duration(ms)} ago`;
}

/** From when to when a moment can be chosen: rounded inwards, so that either end can be given back to us. */
function windowRows({ earliest, latest }: RestorePlan['window'], zone: string): [string, string][] {
  const second = (time: string, round: (seconds: number) => number) => new Date(round(Date.parse(time) / 1000) * 1000);
  const from = earliest === null ? null : second(earliest, Math.ceil);
  const to = latest === null ? null : second(latest, Math.floor);
  const told = (text: (at: Date) => string) => `${from ? text(from) : '?'} to ${to ? text(to) : '?'}`;
  const local = told((at) => localTime(at, zone).replace(/ \(.*\)$/, ''));
  return [['possible', told(utcTime)], ...(zone === 'UTC' ? [] : ([['', local]] as [string, string][]))];
}

function shape({ DBInstanceClass, AllocatedStorage, StorageType, MultiAZ, EngineVersion }: CapturedInstance): string {
  const storage = AllocatedStorage === undefined ? null : `${AllocatedStorage} GiB ${StorageType ?? ''}`.trim();
  const parts = [EngineVersion && `PostgreSQL ${EngineVersion}`, DBInstanceClass, storage, MultiAZ && 'Multi-AZ'];
  return parts.filter((part) => part).join(', ');
}

function quotaText({ quotas, serving, options }: MadePlan['facts']): string {
  const of = (name: string) => quotas.find((quota) => quota.name === name);
  const [instances, storage] = [of('DBInstances'), of('AllocatedStorage')];
  const parts = [
    ...(instances === undefined ? [] : [`${instances.used} of ${instances.max} instances`]),
    ...(storage === undefined ? [] : [`${storage.used} of ${storage.max} GiB`]),
  ];
  const used = parts.length === 0 ? 'RDS does not tell it' : `${parts.join(' and ')} are used`;
  const takes =
    options.resume === null ? `1 instance with ${serving?.AllocatedStorage ?? '?'} GiB` : 'nothing: its copy is there';
  return `${used}; this takes ${takes}. Whether there is capacity is known when RDS makes the copy; another zone is tried`;
}

/** What is known of the loss before the copy stands. */
function lossText({ order, target, resumes }: RestorePlan, now: Date): string {
  if (resumes !== undefined) return 'What would be lost is looked for again: the application wrote on meanwhile.';
  const since =
    target.time === null
      ? 'that snapshot'
      : `that moment (${duration(now.getTime() - Date.parse(target.time))} of writes)`;
  const lost = `What would be lost: what was committed after ${since}`;
  const shown = 'row by row when the copy stands';
  const bound = 'nothing is thrown away that neither --accept-loss nor your answer covers.';
  if (!replays(order)) return `${lost} is not in the copy. It is counted ${shown}, and ${bound}`;
  const who = order.to === 'run' ? ', of others than that run,' : '';
  return `${lost} is looked for ${shown}, and${who} replayed onto it. Of what cannot be replayed, ${bound}`;
}
