import type { RestoreOptions, RestoreOrder } from '../../lib/restore/order.ts';
import { parseDuration } from '../../lib/restore/parse-duration.ts';
import { parseTarget } from '../../lib/restore/parse-target.ts';
import type { Arguments } from '../arguments.ts';
import type { Option } from '../command.ts';
import { UsageError } from '../errors.ts';
import { parseAcceptedLoss } from './accept-loss.ts';

/** What a person asks for. */
export type WantedRestore = {
  /** Null to take up the restore of `options.resume` again. */
  order: RestoreOrder | null;
  options: Omit<RestoreOptions, 'order'>;
  /** Null when none was given: a person is asked for it when it is needed. */
  reason: string | null;
};

export const RESTORE_OPTIONS: Record<string, Option> = {
  to: { value: 'TIME', help: 'to this moment: ISO 8601 with an offset, "10m ago", or latest' },
  'before-run': { value: 'RUN', help: 'to the moment before this run changed anything' },
  snapshot: { value: 'NAME', help: 'to this snapshot' },
  resume: { value: 'RUN', help: 'take up a restore again that kept its copy, or answer one that waits for a word' },
  plan: { help: 'change nothing: show what would be done, and the command that does it' },
  'plan-digest': {
    value: 'D',
    help: 'do what the plan with this digest says; without it the plan is shown and asked about',
  },
  'accept-loss': { value: 'TABLE=ROWS,...', help: 'rows that may be lost, by table, or: all. Nothing else is' },
  freeze: {
    value: 'WHEN',
    choices: ['late', 'now'],
    help: 'stop the application when the copy stands (default), or now',
  },
  'max-freeze': { value: 'TIME', help: 'the longest that the application may be stopped (default: 10m)' },
  'accept-window': {
    value: 'TIME',
    help: 'how long the run waits for a word about the loss (default: 10m, within the former)',
  },
  'no-hydrate': { help: 'do not wait until the blocks of the copy are loaded from S3; it is slow at first then' },
  reason: { value: 'TEXT', help: 'why; kept with the run. Needed where nobody can be asked for it' },
};

const DEFAULT_SECONDS = 600;

/** @throws UsageError @throws RestoreTargetError for a moment that cannot be understood */
export function readRestore(given: Arguments, at: { now: Date; zone: string }): WantedRestore {
  const loss = given.text('accept-loss');
  const maxFreezeSeconds = seconds(given, 'max-freeze');
  return {
    order: readOrder(given, at),
    options: {
      planDigest: readDigest(given),
      acceptLoss: loss === null ? null : parseAcceptedLoss(loss),
      freeze: given.text('freeze') === 'now' ? 'now' : 'late',
      maxFreezeSeconds,
      acceptWindowSeconds: Math.min(seconds(given, 'accept-window'), maxFreezeSeconds),
      hydrate: !given.flag('no-hydrate'),
      resume: given.text('resume'),
    },
    reason: given.text('reason')?.trim() || null,
  };
}

function readOrder(given: Arguments, at: { now: Date; zone: string }): RestoreOrder | null {
  const named = ['to', 'before-run', 'snapshot', 'resume'].filter((option) => given.text(option) !== null);
  if (named.length > 1) {
    throw new UsageError(`--${named.join(' and --')} say different things.`, { remedy: 'Give one of them.' });
  }
  const [time, run, snapshot] = [given.text('to'), given.text('before-run'), given.text('snapshot')];
  if (time !== null) return parseTarget(time, at);
  if (run !== null) return { to: 'run', run };
  if (snapshot !== null) return { to: 'snapshot', snapshot };
  if (given.text('resume') !== null) return null;
  throw new UsageError('To which moment?', {
    remedy: 'Give --to TIME, --to latest, --before-run RUN, --snapshot NAME, or --resume RUN.',
  });
}

function readDigest(given: Arguments): string | null {
  const digest = given.text('plan-digest');
  if (digest === null || /^[0-9a-f]{64}$/.test(digest)) return digest;
  throw new UsageError('--plan-digest has 64 digits from 0 to f.', { remedy: 'Copy it from what --plan printed.' });
}

function seconds(given: Arguments, option: string): number {
  const text = given.text(option);
  const parsed = text === null ? DEFAULT_SECONDS : parseDuration(text);
  if (parsed !== null && parsed > 0) return parsed;
  throw new UsageError(`--${option} cannot be "${text}".`, { remedy: `Give a time with its unit: --${option} 10m` });
}
