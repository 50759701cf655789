import type { RDSClient } from '@aws-sdk/client-rds';
import type { ClientBase } from 'pg';
import { readJournal, readOpenSteps } from '../journal/journal.ts';
import { stepsOf } from '../journal/steps.ts';
import { type DatabaseFacts, differenceOf, readFacts } from './copy-facts.ts';
import { CopyInvalidError } from './cutover-errors.ts';
import { findCopy } from './find-copy.ts';
import { addressOf, type WithInstance } from './instance-access.ts';
import type { RestorePlan } from './plan.ts';

/**
 * Is the copy what it was to be? Version, history and schema are those of before the run where a plan tells them, nothing of the run that is
 * undone is in it, and no statement of ours was under way at that moment.
 *
 * @throws CopyInvalidError
 */
export async function validateCopy(options: {
  rds: RDSClient;
  withInstance: WithInstance;
  plan: RestorePlan;
}): Promise<DatabaseFacts> {
  const { rds, withInstance, plan } = options;
  const copy = await findCopy(rds, plan);
  const { endpoint, masterSecretArn } = copy;
  if (endpoint === null) throw invalid(plan, `is ${copy.status} and has no address`);
  return withInstance(addressOf({ endpoint, masterSecretArn }), async (client) => {
    await refuseHalfDone(client, plan);
    return checkFacts(await readFacts(client), plan);
  });
}

/** @throws CopyInvalidError */
export function checkFacts(found: DatabaseFacts, plan: RestorePlan): DatabaseFacts {
  const difference = plan.expected === null ? null : differenceOf(plan.expected, found);
  if (difference !== null) throw invalid(plan, difference);
  return found;
}

async function refuseHalfDone(client: ClientBase, plan: RestorePlan): Promise<void> {
  const { order } = plan;
  if (order.to === 'run') {
    const [row] = await readJournal(client, order.run);
    if (row) throw invalid(plan, `holds ${row.file} of the run ${order.run}, which was to be undone`);
  }
  for (const rows of Map.groupBy(await readOpenSteps(client), ({ version }) => version).values()) {
    const open = stepsOf(rows).find(({ state }) => state === 'unknown');
    if (!open) continue;
    const { file, runId } = open.row;
    throw invalid(plan, `was in the middle of statement ${open.number} of ${file} of the run ${runId} at that moment`);
  }
}

function invalid({ copy, target }: RestorePlan, why: string): CopyInvalidError {
  const at = target.time ?? target.snapshot ?? 'the latest moment';
  return new CopyInvalidError(`The copy ${copy.identifier}, of ${at}, ${why}.`, {
    remedy: 'Choose another moment: carthub-db restore --plan --to TIME',
  });
}
