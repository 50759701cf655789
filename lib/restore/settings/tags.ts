import { DATABASE_TAG, EXPIRES_TAG, RUN_TAG } from '../../rds/snapshot.ts';

export { DATABASE_TAG, EXPIRES_TAG, RUN_TAG };
/** On a retired instance: when it was. */
export const RETIRED_TAG = 'carthub-db:retired';

/** Ours: each instance has those that fit it. */
const OF_INSTANCES = [RUN_TAG, DATABASE_TAG, EXPIRES_TAG, RETIRED_TAG];

/** A tag as RDS takes it. */
export type Tag = { Key: string; Value: string };

type SomeTag = { Key?: string | undefined; Value?: string | undefined };

/**
 * The tags that a copy takes from its source: not those of AWS's own, which nobody can give
 * (https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_Tag.html), nor what we say of one instance alone.
 */
export function inheritedTags(tags: SomeTag[]): Tag[] {
  return tags
    .filter(({ Key = '' }) => !Key.startsWith('aws:') && !OF_INSTANCES.includes(Key))
    .map(({ Key = '', Value = '' }) => ({ Key, Value }))
    .toSorted((a, b) => (a.Key < b.Key ? -1 : 1));
}

/** The source's tags, and what marks a copy as a run's. */
export function copyTags(tags: SomeTag[], own: { run: string; database: string; expires: string }): Tag[] {
  return [
    ...inheritedTags(tags),
    { Key: RUN_TAG, Value: own.run },
    { Key: DATABASE_TAG, Value: own.database },
    { Key: EXPIRES_TAG, Value: own.expires },
  ];
}

const DAY = 86_400_000;
const COPY_DAYS = 7;
const RETIRED_DAYS = 14;

/** Until when a copy that did not take over is kept. */
export function copyExpires(now: Date): string {
  return new Date(now.getTime() + COPY_DAYS * DAY).toISOString();
}

/** Until when the instance that was replaced is kept. */
export function retiredExpires(now: Date): string {
  return new Date(now.getTime() + RETIRED_DAYS * DAY).toISOString();
}
