import type { RDSClient } from '@aws-sdk/client-rds';
import * as z from 'zod/mini';
import { isTransient } from '../aws/transient.ts';
import { type Documents, replaceDocument } from '../documents/documents.ts';
import { keys } from '../runs/keys.ts';
import { canLogIn, type Login } from './copy-login.ts';
import { checkCopy, isQuiet } from './copy-status.ts';
import { CopyFailedError, SettingsDifferError } from './errors.ts';
import { again, finished, loop } from './loop.ts';
import { compareSettings } from './settings/compare.ts';
import { describeResource } from './settings/describe.ts';
import { type Compared, needSettings, type RestoreSettings } from './settings/document.ts';
import type { CapturedInstance } from './settings/instance.ts';
import { nextStep, type Step } from './settings/second-step.ts';
import { notePhase } from './timings.ts';

const MAX_SECONDS = 2 * 3600;
/** How often the same call is made before we believe that it does not help. */
const MAX_TRIES = 3;
/** RDS has taken a change and not begun it yet, or says too early that it is done: it often goes through `available` twice. */
const LOOKS = 2;

/** What a call is told of the one before. */
export const settingsProgress = z.object({
  ...loop,
  /** The steps that were taken, by name, and how often. */
  taken: z.record(z.string(), z.int()),
  /** How often in a row nothing was under way. */
  quiet: z.int(),
});

type Progress = z.infer<typeof settingsProgress>;

export type Applied = Progress & { differing: number };

/**
 * Gives the copy what a restore call does not take, one call at a time, and then holds both instances against each other, field by
 * field. What comes out of that is kept in `settings.json`.
 *
 * @throws SettingsDifferError when they differ and nothing explains it
 * @throws CopyFailedError @throws RestoreOverdueError
 */
export async function applySettings(options: {
  rds: RDSClient;
  documents: Documents;
  run: string;
  opsGroup: string;
  login: Login;
  progress: Progress | null;
  now: Date;
}): Promise<Applied> {
  const { rds, documents, run, opsGroup, now } = options;
  const { startedAt, taken, quiet } = options.progress ?? begun(now);
  const settings = await needSettings(documents, run);
  const copy = await describeCopy(rds, settings);
  const name = copy.DBInstanceIdentifier;
  const remedy = `See what it is at: aws rds describe-db-instances --db-instance-identifier ${name}`;
  const wait = () =>
    again(startedAt, { now, maxSeconds: MAX_SECONDS, what: `Applying the settings of ${name}`, remedy });
  if (!checkCopy(copy) || !isQuiet(copy)) return { ...wait(), taken, quiet: 0, differing: 0 };
  if (quiet + 1 < LOOKS) return { ...wait(), taken, quiet: quiet + 1, differing: 0 };
  const step = nextStep(settings.source, copy, opsGroup);
  if (step !== null) {
    const tries = (taken[step.name] ?? 0) + 1;
    if (tries > MAX_TRIES) throw noHelp(step.name, name);
    const isTaken = await take(rds, step, name);
    return { ...wait(), taken: isTaken ? { ...taken, [step.name]: tries } : taken, quiet: 0, differing: 0 };
  }
  if (!(await canLogIn(rds, copy.DbiResourceId, options.login))) return { ...wait(), taken, quiet: 0, differing: 0 };
  const { compared, unexplained } = compareSettings(settings.source, copy, {
    admits: [opsGroup],
    anyZone: settings.anyZone,
  });
  await replaceDocument(documents, keys.restore.settings(run), { ...settings, compared });
  if (unexplained.length > 0) throw different(name, run, unexplained);
  await notePhase(documents, run, { phase: 'settings', since: startedAt, until: now.toISOString() });
  const differing = compared.filter(({ how }) => how === 'differs').length;
  return { ...finished(startedAt), taken, quiet, differing };
}

function begun(now: Date): Progress {
  return { ...{ done: false, waitSeconds: 0, taken: {}, quiet: 0 }, startedAt: now.toISOString() };
}

async function describeCopy(rds: RDSClient, { copy }: RestoreSettings): Promise<CapturedInstance> {
  const found = copy && (await describeResource(rds, copy.resourceId));
  if (found) return found;
  throw new CopyFailedError(
    copy ? `The copy ${copy.identifier} (${copy.resourceId}) is gone.` : 'There is no copy yet.',
    {
      remedy: 'See who deleted it (aws rds describe-events --duration 1440), and start the restore again.',
    },
  );
}

/** False when the instance is busy after all: the next look decides anew. */
async function take(rds: RDSClient, step: Step, identifier: string): Promise<boolean> {
  try {
    await step.take(rds, identifier);
    return true;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (error.name.startsWith('InvalidDBInstanceState')) return false;
    // Our own, of a call whose answer was lost.
    if (error.name.startsWith('DBInstanceRoleAlreadyExists')) return true;
    if (isTransient(error)) throw error;
    throw noHelp(step.name, identifier, error);
  }
}

function noHelp(step: string, name: string, cause?: Error): SettingsDifferError {
  const why = cause === undefined ? '.' : `: ${cause.name}: ${cause.message}`;
  return new SettingsDifferError(`${name} does not take the ${step} of the instance that it is to replace${why}`, {
    cause,
    remedy: `Set it yourself (aws rds modify-db-instance --db-instance-identifier ${name}), and go on: carthub-db restore --resume RUN`,
  });
}

function different(name: string, run: string, unexplained: Compared[]): SettingsDifferError {
  const said = unexplained.map(
    ({ field, source, copy }) => `${field} is ${JSON.stringify(copy)} and not ${JSON.stringify(source)}`,
  );
  return new SettingsDifferError(`The settings of ${name} differ: ${said.join('; ')}.`, {
    remedy: `Look at runs/${run}/restore/settings.json, set them yourself, and go on: carthub-db restore --resume ${run}`,
  });
}
