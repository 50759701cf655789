import { RDSClient } from '@aws-sdk/client-rds';
import { patience } from '../../lib/aws/patience.ts';
import { type Facts, readFacts } from '../../lib/restore/facts.ts';
import type { RestoreOptions } from '../../lib/restore/order.ts';
import type { RestorePlan } from '../../lib/restore/plan.ts';
import { planRestore } from '../../lib/restore/plan-restore.ts';
import { readResidents } from '../../lib/restore/read-residents.ts';
import type { Context } from '../command.ts';
import type { UsedStack } from '../options.ts';
import { withDatabase } from '../stack/with-database.ts';

export type MadePlan = { plan: RestorePlan; facts: Facts };

/** The database may be in any state, and its answer is only a part of the plan. */
const STATEMENT_TIMEOUT_MS = 10_000;

/**
 * The plan that the workflow will make, made from the same facts by the same function. Changes nothing.
 *
 * @throws RestoreTargetError @throws RestoreRefusedError
 */
export async function makePlan(settings: {
  used: UsedStack;
  run: string;
  options: RestoreOptions;
  identifier: string;
  context: Context;
}): Promise<MadePlan> {
  const { used, run: id, options, identifier, context } = settings;
  const { s3, names, configuration } = used.stack;
  const rds = new RDSClient({ ...patience, ...configuration });
  try {
    const facts = await readFacts({
      ...{ rds, documents: { s3, bucket: names.bucket }, identifier, now: context.now() },
      run: { id, kind: 'restore', database: names.database, onFailure: 'keep', restore: options },
      askDatabase: () =>
        withDatabase(
          {
            used,
            secret: null,
            as: 'carthub-db restore',
            context,
            readOnly: true,
            statementTimeoutMs: STATEMENT_TIMEOUT_MS,
          },
          readResidents,
        ),
    });
    return { plan: planRestore(facts), facts };
  } finally {
    rds.destroy();
  }
}
