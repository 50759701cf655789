import type { RDSClient } from '@aws-sdk/client-rds';
import { ServiceUnavailableError } from '../aws/transient.ts';
import { type Documents, putDocument, replaceDocument } from '../documents/documents.ts';
import { keys } from '../runs/keys.ts';
import { PlanChangedError } from '../runs/plan-changed.ts';
import type { Run } from '../runs/run.ts';
import { findPlan } from './documents.ts';
import { readFacts } from './facts.ts';
import { optionsOf } from './options.ts';
import type { RestorePlan } from './plan.ts';
import { planRestore } from './plan-restore.ts';
import type { RestoreSettings } from './settings/document.ts';

/** What the workflow goes by; the plan itself is in the bucket. */
export type Prepared = {
  target: { time: string | null; snapshot: string | null };
  copy: string;
  digest: string;
  freeze: 'late' | 'now';
  hydrate: boolean;
};

/**
 * Makes the plan of a restore and keeps it, with all settings of the instance as they are before anything is changed. The second
 * call gives the first one's plan.
 *
 * @throws RestoreTargetError @throws RestoreRefusedError @throws PlanChangedError before anything was kept or changed
 */
export async function prepareRestore(options: {
  rds: RDSClient;
  documents: Documents;
  run: Pick<Run, 'id' | 'kind' | 'database' | 'onFailure' | 'restore'>;
  identifier: string;
  askDatabase: () => Promise<string[]>;
  opsGroup: string;
  now: Date;
}): Promise<Prepared> {
  const { documents, run } = options;
  const stored = await findPlan(documents, run.id);
  if (stored !== null) return prepared(stored, run);
  const facts = await readFacts(options);
  const plan = planRestore(facts);
  const { planDigest } = optionsOf(run);
  if (planDigest !== null && planDigest !== plan.digest) {
    throw new PlanChangedError(`The plan is ${plan.digest} now; ${planDigest} was agreed to.`, {
      remedy: 'Look at the new plan: carthub-db restore --plan',
    });
  }
  if (facts.serving === null) throw new TypeError('planned without an instance');
  const backup = facts.backups.find(({ resourceId }) => resourceId === plan.source.resourceId);
  const settings: RestoreSettings = {
    ...{ format: 1, run: run.id, source: facts.serving, backupTags: backup?.tags ?? [] },
    ...{ copy: null, anyZone: false, compared: [] },
  };
  // The plan comes last: with it there, what was captured is from before any change, and stays.
  await replaceDocument(documents, keys.restore.settings(run.id), settings);
  if (await putDocument(documents, keys.restore.plan(run.id), plan, null)) return prepared(plan, run);
  throw new ServiceUnavailableError(`Another call made the plan of ${run.id} meanwhile.`, { remedy: 'Try again.' });
}

function prepared({ target, copy, digest }: RestorePlan, run: Parameters<typeof optionsOf>[0]): Prepared {
  const { freeze, hydrate } = optionsOf(run);
  const { time, snapshot } = target;
  return { target: { time, snapshot }, copy: copy.identifier, digest, freeze, hydrate };
}
