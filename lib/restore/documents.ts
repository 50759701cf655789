import { type Documents, readDocument } from '../documents/documents.ts';
import { keys } from '../runs/keys.ts';
import { RestoreRefusedError } from './errors.ts';
import { type RestorePlan, restorePlan } from './plan.ts';

/** The plan of a restore, which every step after the first reads. */
export async function readPlan(documents: Documents, run: string): Promise<RestorePlan> {
  const plan = await findPlan(documents, run);
  if (plan !== null) return plan;
  throw new RestoreRefusedError(`${run} has no restore plan.`, {
    remedy: 'Make one and go: carthub-db restore --plan',
  });
}

/** The plan of a restore; null when it did not get as far as to make one. */
export async function findPlan(documents: Documents, run: string): Promise<RestorePlan | null> {
  return (await readDocument(documents, keys.restore.plan(run), restorePlan))?.value ?? null;
}
