import type { RDSClient } from '@aws-sdk/client-rds';
import type { Documents } from '../documents/documents.ts';
import { proveAlone } from './foreign-sessions.ts';
import { checkFreeze, readFreeze } from './freeze-document.ts';
import { FreezeNotProvedError } from './freeze-errors.ts';
import { addressOf, type WithInstance } from './instance-access.ts';
import { hasGroups, type ObservedInstance } from './observe-instance.ts';

/**
 * That the database is frozen by its document, and, where the instance is given, by a last look at it: who got in meanwhile would lose
 * what it wrote.
 *
 * @throws FreezeExpiredError, FreezeNotProvedError
 */
export async function proveFrozen(
  options: {
    rds: RDSClient;
    documents: Documents;
    withInstance: WithInstance;
    run: string;
    opsGroup: string;
    now: () => Date;
  },
  instance: ObservedInstance | null,
): Promise<void> {
  const { documents, withInstance, run, opsGroup, now } = options;
  const frozen = await readFreeze(documents, run);
  checkFreeze(frozen?.value ?? null, now());
  if (instance === null) return;
  const { endpoint, masterSecretArn, identifier, groups } = instance;
  if (endpoint === null || !hasGroups(instance, [opsGroup])) {
    throw new FreezeNotProvedError(
      `${identifier} lets in others: it has the security groups ${groups.map(({ id }) => id).join(', ')}.`,
      { remedy: `See who changed them: aws rds describe-events --source-identifier ${identifier}` },
    );
  }
  await withInstance(addressOf({ endpoint, masterSecretArn }), proveAlone);
}
