import { AddTagsToResourceCommand, type RDSClient } from '@aws-sdk/client-rds';
import type { Documents } from '../documents/documents.ts';
import { readCutover } from './cutover-journal.ts';
import { findPlan } from './documents.ts';
import { describeName, describeResource } from './settings/describe.ts';
import { readSettings } from './settings/document.ts';
import { type CapturedInstance, tagOf } from './settings/instance.ts';
import { copyExpires, EXPIRES_TAG, RUN_TAG } from './settings/tags.ts';

/** What is left of a restore that did not take over. */
export type Kept = {
  done: boolean;
  waitSeconds: number;
  /** Null when none was made. */
  copy: string | null;
  resourceId: string | null;
  /** Until when it stays; ISO 8601. */
  expires: string | null;
};

const NOTHING: Kept = { done: true, waitSeconds: 0, copy: null, resourceId: null, expires: null };

/**
 * Keeps the copy, closed to all but the functions as it is, for whoever goes on with it. Its date is the later of the one that it was born
 * with and one counted from now.
 */
export async function keepCopy(options: {
  rds: RDSClient;
  documents: Documents;
  run: string;
  now: Date;
}): Promise<Kept> {
  const { rds, run, now } = options;
  const copy = await find(options);
  if (copy === null || tagOf(copy, RUN_TAG) !== run) return NOTHING;
  const [born, wanted] = [tagOf(copy, EXPIRES_TAG) ?? '', copyExpires(now)];
  // Called again a moment later it has its date already.
  const isLongEnough = Date.parse(born) > Date.parse(wanted) - 3_600_000;
  const expires = isLongEnough ? born : wanted;
  const kept = { done: true, waitSeconds: 0, copy: copy.DBInstanceIdentifier, resourceId: copy.DbiResourceId, expires };
  if (isLongEnough) return kept;
  try {
    const Tags = [{ Key: EXPIRES_TAG, Value: expires }];
    await rds.send(new AddTagsToResourceCommand({ ResourceName: copy.DBInstanceArn, Tags }));
    return kept;
  } catch (error) {
    // Being made, or being deleted: it keeps the date that it was born with.
    if (!(error instanceof Error) || !/^(InvalidDBInstanceState|DBInstanceNotFound)/.test(error.name)) throw error;
    return { ...kept, expires: born || null };
  }
}

/** The copy of this run, unless it serves: then it is nobody's copy any more. */
async function find(options: { rds: RDSClient; documents: Documents; run: string }): Promise<CapturedInstance | null> {
  const { rds, documents, run } = options;
  const plan = await findPlan(documents, run);
  if (plan === null) return null;
  const journal = (await readCutover(documents, run))?.value ?? null;
  if (journal !== null && journal.steps.renamedCopy !== null && journal.reversed === null) return null;
  const known = (await readSettings(documents, run))?.copy ?? null;
  return known === null ? describeName(rds, plan.copy.identifier) : describeResource(rds, known.resourceId);
}
