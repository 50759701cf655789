import {
  AddTagsToResourceCommand,
  type RDSClient,
  RestoreDBInstanceFromDBSnapshotCommand,
  RestoreDBInstanceToPointInTimeCommand,
} from '@aws-sdk/client-rds';
import { type Documents, replaceDocument } from '../documents/documents.ts';
import { keys } from '../runs/keys.ts';
import { checkCopy } from './copy-status.ts';
import { readPlan } from './documents.ts';
import { CopyFailedError, RestoreRefusedError } from './errors.ts';
import { again, finished, type Loop } from './loop.ts';
import type { RestorePlan } from './plan.ts';
import { classifyRefusal } from './restore-refusals.ts';
import { describeName, describeResource } from './settings/describe.ts';
import { needSettings, type RestoreSettings } from './settings/document.ts';
import { type CapturedInstance, tagOf } from './settings/instance.ts';
import { autoscaling, restoreParameters } from './settings/passed.ts';
import { copyExpires, copyTags, EXPIRES_TAG, RUN_TAG } from './settings/tags.ts';
import { notePhase } from './timings.ts';

/** A large instance, with a day of logs to replay. */
const MAX_SECONDS = 24 * 3600;

export type Beside = Loop & {
  identifier: string;
  /** Null while RDS does not take the call. */
  resourceId: string | null;
  status: string;
};

type Work = { rds: RDSClient; documents: Documents; run: string; opsGroup: string; now: Date };

/**
 * Makes the copy beside the instance that serves, closed to all but the functions, with every setting that the call takes; or goes
 * on with the one that an earlier call, or the restore that is taken up again, has made.
 *
 * @throws CopyFailedError when it is in a status that does not pass
 * @throws RestoreRefusedError when RDS does not make it, or somebody else's instance has its name
 */
export async function restoreBeside(work: Work & { progress: { startedAt: string } | null }): Promise<Beside> {
  const { documents, run, now } = work;
  const startedAt = work.progress?.startedAt ?? now.toISOString();
  const plan = await readPlan(documents, run);
  const settings = await needSettings(documents, run);
  const copy = (await findCopy(work, plan, settings)) ?? (await make(work, plan, settings));
  const { identifier } = plan.copy;
  const limits = {
    ...{ now, maxSeconds: MAX_SECONDS, what: `Restoring ${identifier}` },
    remedy: `See what it is at: aws rds describe-events --source-type db-instance --source-identifier ${identifier}`,
  };
  if (copy === null) return { ...again(startedAt, limits), identifier, resourceId: null, status: 'not accepted yet' };
  const seen = { identifier, resourceId: copy.DbiResourceId, status: copy.DBInstanceStatus };
  if (!checkCopy(copy)) return { ...again(startedAt, limits), ...seen };
  await notePhase(documents, run, { phase: 'copy', since: startedAt, until: now.toISOString() });
  return { ...finished(startedAt), ...seen };
}

/** The copy, which from the first look on is known by its resource id: its name will change hands. */
async function findCopy(work: Work, plan: RestorePlan, settings: RestoreSettings): Promise<CapturedInstance | null> {
  const { rds } = work;
  if (settings.copy !== null) {
    const found = await describeResource(rds, settings.copy.resourceId);
    if (found) return found;
    throw new CopyFailedError(`The copy ${settings.copy.identifier} (${settings.copy.resourceId}) is gone.`, {
      remedy: 'See who deleted it (aws rds describe-events --duration 1440), and start the restore again.',
    });
  }
  const found = await describeName(rds, plan.copy.identifier);
  if (found === null) {
    if (plan.resumes === undefined) return null;
    throw new CopyFailedError(`The copy ${plan.copy.identifier} that was to be taken up again is gone.`, {
      remedy: 'Start a new restore: carthub-db restore --plan',
    });
  }
  await adopt(work, plan, found);
  await note(work, settings, found);
  return found;
}

/** Takes only what a tag says is this run's, or that of the restore that is taken up. Such a one becomes this run's first. */
async function adopt({ rds, run, now }: Work, plan: RestorePlan, found: CapturedInstance): Promise<void> {
  const owner = tagOf(found, RUN_TAG);
  if (owner === run) return;
  if (owner === null || !plan.resumes?.includes(owner)) {
    throw new RestoreRefusedError(
      `${found.DBInstanceIdentifier} is there and belongs to ${owner ?? 'nobody that we know'}.`,
      {
        remedy: `Look at it: aws rds describe-db-instances --db-instance-identifier ${found.DBInstanceIdentifier}`,
      },
    );
  }
  const Tags = [
    { Key: RUN_TAG, Value: run },
    { Key: EXPIRES_TAG, Value: copyExpires(now) },
  ];
  await rds.send(new AddTagsToResourceCommand({ ResourceName: found.DBInstanceArn, Tags }));
}

async function note({ documents, run }: Work, settings: RestoreSettings, copy: CapturedInstance): Promise<void> {
  const { DbiResourceId: resourceId, DBInstanceIdentifier: identifier } = copy;
  await replaceDocument(documents, keys.restore.settings(run), { ...settings, copy: { resourceId, identifier } });
}

/** Asks RDS for the copy. Null when it does not take the call now, and will later. */
async function make(work: Work, plan: RestorePlan, settings: RestoreSettings): Promise<CapturedInstance | null> {
  const { documents, run } = work;
  try {
    await call(work, plan, settings);
  } catch (error) {
    switch (classifyRefusal(error, plan)) {
      case 'look again':
        break;
      case 'later':
        return null;
      case 'another zone':
        if (settings.anyZone || settings.source.MultiAZ) return null;
        await replaceDocument(documents, keys.restore.settings(run), { ...settings, anyZone: true });
        return null;
    }
  }
  return findCopy(work, plan, settings);
}

async function call(work: Work, plan: RestorePlan, settings: RestoreSettings): Promise<void> {
  const { rds, run, opsGroup, now } = work;
  const { source, backupTags, anyZone } = settings;
  const tags = copyTags(source.TagList ?? [], { run, database: plan.database, expires: copyExpires(now) });
  const parameters = restoreParameters(source, { ...{ opsGroup, tags, backupTags, anyZone } });
  if (plan.target.snapshot !== null) {
    await rds.send(
      new RestoreDBInstanceFromDBSnapshotCommand({
        ...parameters,
        DBInstanceIdentifier: plan.copy.identifier,
        DBSnapshotIdentifier: plan.target.snapshot,
      }),
    );
    return;
  }
  await rds.send(
    new RestoreDBInstanceToPointInTimeCommand({
      ...{ ...parameters, ...autoscaling(source) },
      // Never by name: names change hands.
      SourceDbiResourceId: plan.from ?? plan.source.resourceId,
      TargetDBInstanceIdentifier: plan.copy.identifier,
      RestoreTime: new Date(plan.target.time ?? ''),
    }),
  );
}
