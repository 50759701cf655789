import type { Tag } from '@aws-sdk/client-rds';
import { DATABASE_TAG, EXPIRES_TAG, RUN_TAG } from '../rds/snapshot.ts';
import { type CapturedInstance, tagOf } from '../restore/settings/instance.ts';
import type { DrillRun } from './order.ts';

/** On an instance that is made for one execution, whose ARN it holds; whoever removes such instances removes no others. */
export const DRILL_TAG = 'carthub-db:drill';

/** Longer than any drill runs: then it goes, whoever is behind it. */
const HOURS = 30;

export function drillTags({ id, execution, database }: DrillRun, now: Date): Tag[] {
  return [
    { Key: RUN_TAG, Value: id },
    { Key: DATABASE_TAG, Value: database },
    { Key: DRILL_TAG, Value: execution },
    { Key: EXPIRES_TAG, Value: new Date(now.getTime() + HOURS * 3_600_000).toISOString() },
  ];
}

export function isOf(
  instance: CapturedInstance,
  { execution, database }: Pick<DrillRun, 'execution' | 'database'>,
): boolean {
  return tagOf(instance, DRILL_TAG) === execution && tagOf(instance, DATABASE_TAG) === database;
}
