import type { RDSClient } from '@aws-sdk/client-rds';
import { type Documents, putDocument } from '../documents/documents.ts';
import { keys } from '../runs/keys.ts';
import { exchangeGroups } from './change-instance.ts';
import { CutoverOpenError } from './cutover-errors.ts';
import { readCutover } from './cutover-journal.ts';
import { readFreeze } from './freeze-document.ts';
import { hasGroups, observeExisting, observeInstance } from './observe-instance.ts';
import type { RestorePlan } from './plan.ts';
import { withinTime } from './within-time.ts';

export type AdmissionProgress = { done: boolean; waitSeconds: number; startedAt: string };

const MAX_SECONDS = 3600;

/**
 * Lets the application in: the restored instance gets the security groups that the old one had, and keeps them. The retired one
 * keeps the group that lets in nobody, for ever: who writes there by mistake would write for nobody. Call it until it is done.
 *
 * @throws CutoverOpenError when the restored database is not verified yet
 */
export async function admitApplication(options: {
  rds: RDSClient;
  documents: Documents;
  run: string;
  plan: RestorePlan;
  opsGroup: string;
  progress: Pick<AdmissionProgress, 'startedAt'> | null;
  now: () => Date;
}): Promise<AdmissionProgress> {
  const { rds, documents, run, plan, opsGroup, progress, now } = options;
  const stored = await readCutover(documents, run);
  if (stored === null || stored.value.steps.verified === null) {
    throw new CutoverOpenError(`The restored database of ${run} is not verified.`, {
      remedy: `Finish it: carthub-db restore --resume ${run}`,
    });
  }
  const { value: journal, etag } = stored;
  const waited = {
    startedAt: progress?.startedAt ?? null,
    now: now(),
    seconds: MAX_SECONDS,
    what: 'Letting the application in',
  };
  const later = () => ({ done: false, waitSeconds: 5, startedAt: withinTime(waited) });
  if (journal.steps.admitted !== null) {
    return { done: true, waitSeconds: 0, startedAt: progress?.startedAt ?? journal.steps.admitted };
  }
  const old = await observeInstance(rds, journal.old.resourceId);
  // An old instance that is closed already may be busy with anything: nobody waits for that.
  if (old !== null && !hasGroups(old, [opsGroup]) && !(await exchangeGroups(rds, old, [opsGroup]))) return later();
  const restored = await observeExisting(rds, journal.copy.resourceId, 'restored');
  const groups = (await readFreeze(documents, run))?.value.groups ?? plan.source.groups;
  if (!(await exchangeGroups(rds, restored, groups))) return later();
  const steps = { ...journal.steps, admitted: now().toISOString() };
  await putDocument(documents, keys.restore.cutover(run), { ...journal, steps }, etag);
  return { ...later(), waitSeconds: 0 };
}
