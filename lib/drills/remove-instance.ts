import { DeleteDBInstanceCommand, type RDSClient, RemoveTagsFromResourceCommand } from '@aws-sdk/client-rds';
import type { SFNClient } from '@aws-sdk/client-sfn';
import type { Documents } from '../documents/documents.ts';
import { describeExecution } from '../lease/executions.ts';
import { DATABASE_TAG, EXPIRES_TAG } from '../rds/snapshot.ts';
import { finished, type Loop } from '../restore/loop.ts';
import { describeInstances, describeName } from '../restore/settings/describe.ts';
import { type CapturedInstance, tagOf } from '../restore/settings/instance.ts';
import { again } from './loop.ts';
import type { DrillRun } from './order.ts';
import { recordCutOff } from './record.ts';
import { DRILL_TAG, isOf } from './tags.ts';

const MAX_SECONDS = 2 * 3_600;

/**
 * Removes the instance of a drill, for good and with all that RDS keeps of it. One that does not carry this execution's mark is left,
 * whatever its name is. While RDS makes it, it cannot be removed, and is waited for.
 *
 * @throws DrillOverdueError
 */
export async function removeInstance(options: {
  rds: RDSClient;
  run: DrillRun;
  identifier: string;
  progress: { startedAt: string } | null;
  now: Date;
}): Promise<Loop> {
  const { rds, run, identifier, progress, now } = options;
  const startedAt = progress?.startedAt ?? now.toISOString();
  const found = await describeName(rds, identifier);
  if (found === null || !isOf(found, run) || (await remove(rds, found))) return finished(startedAt);
  return again(startedAt, now, { maxSeconds: MAX_SECONDS, what: `Removing ${identifier}` });
}

/** Takes the marks off an instance that stays: from now on it is nobody's to remove. */
export async function keepInstance(options: {
  rds: RDSClient;
  run: DrillRun;
  identifier: string;
}): Promise<{ kept: boolean }> {
  const { rds, run, identifier } = options;
  const found = await describeName(rds, identifier);
  if (found === null || !isOf(found, run)) return { kept: false };
  const TagKeys = [DRILL_TAG, EXPIRES_TAG];
  await rds.send(new RemoveTagsFromResourceCommand({ ResourceName: found.DBInstanceArn, TagKeys }));
  return { kept: true };
}

/**
 * Removes the instances of drills that were cut off: those whose execution is over, and those whose date has passed. What cannot be
 * removed now is left to the next time. The outcome that a dead execution could not write is written first.
 */
export async function sweepInstances(options: {
  rds: RDSClient;
  sfn: SFNClient;
  documents: Documents;
  database: string;
  now: Date;
}): Promise<{ removed: string[]; left: string[] }> {
  const { rds, sfn, documents, database, now } = options;
  const swept: { removed: string[]; left: string[] } = { removed: [], left: [] };
  for (const instance of await describeInstances(rds, null)) {
    const execution = tagOf(instance, DRILL_TAG);
    if (execution === null || tagOf(instance, DATABASE_TAG) !== database) continue;
    const expired = Date.parse(tagOf(instance, EXPIRES_TAG) ?? '') < now.getTime();
    const { running, status, startedAt } = await describeExecution(sfn, execution);
    if (running && !expired) continue;
    if (!running) await recordCutOff(documents, { execution, database, status, startedAt }, now);
    const isRemoved = await remove(rds, instance);
    (isRemoved ? swept.removed : swept.left).push(instance.DBInstanceIdentifier);
  }
  return swept;
}

/** Whether it is gone or going. */
async function remove(rds: RDSClient, instance: CapturedInstance): Promise<boolean> {
  const { DBInstanceIdentifier, DBInstanceStatus } = instance;
  if (DBInstanceStatus === 'deleting') return true;
  try {
    await rds.send(
      new DeleteDBInstanceCommand({ DBInstanceIdentifier, SkipFinalSnapshot: true, DeleteAutomatedBackups: true }),
    );
    return true;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (error.name.startsWith('DBInstanceNotFound')) return true;
    if (error.name.startsWith('InvalidDBInstanceState')) return false;
    throw error;
  }
}
