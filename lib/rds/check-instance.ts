import {
  type DBInstance,
  DescribeAccountAttributesCommand,
  DescribeDBInstancesCommand,
  paginateDescribeDBParameters,
  type RDSClient,
} from '@aws-sdk/client-rds';
import { InstanceNotAvailableError, InstanceNotCompliantError, InstanceNotRestorableError } from './errors.ts';
import { LONGEST_IDENTIFIER } from './identifiers.ts';

/** Beyond this the log of the last minutes is not shipped, and a restore would lose more than the promised five. */
const MAX_LAG_MINUTES = 20;

export type CheckedInstance = { identifier: string; resourceId: string };

/**
 * What a run takes of the account's quotas: a snapshot of its own, and for a restore a second instance of the same size
 * (storage in GiB). https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_AccountQuota.html
 */
const needed = ({ AllocatedStorage = 0 }: DBInstance) => ({ ManualSnapshots: 1, DBInstances: 1, AllocatedStorage });

/**
 * Refuses an instance that could not be restored after a failure, or that is not kept as production data must be.
 * Every refusal says how to mend it.
 */
export async function checkInstance(options: {
  rds: RDSClient;
  identifier: string;
  now: Date;
}): Promise<CheckedInstance> {
  const { rds, identifier, now } = options;
  const instance = await describeInstance(rds, identifier);
  available(instance, identifier);
  restorable(instance, identifier, now);
  if (!instance.StorageEncrypted) {
    throw new InstanceNotCompliantError(`${identifier} is not encrypted at rest.`, {
      remedy: 'Encryption cannot be turned on in place: copy a snapshot with a KMS key and restore from the copy.',
    });
  }
  await forcesTls(rds, instance, identifier);
  await hasQuota(rds, needed(instance));
  return { identifier, resourceId: instance.DbiResourceId ?? '' };
}

async function describeInstance(rds: RDSClient, identifier: string): Promise<DBInstance> {
  try {
    const { DBInstances: [instance] = [] } = await rds.send(
      new DescribeDBInstancesCommand({ DBInstanceIdentifier: identifier }),
    );
    if (instance) return instance;
  } catch (error) {
    if (!(error instanceof Error) || !error.name.startsWith('DBInstanceNotFound')) throw error;
  }
  throw new InstanceNotAvailableError(`There is no RDS instance ${identifier}.`, {
    remedy: 'Give the right name when deploying the stack: --param="instance=NAME"',
  });
}

function available(instance: DBInstance, identifier: string): void {
  if (instance.DBInstanceStatus === 'available') return;
  throw new InstanceNotAvailableError(`${identifier} is ${instance.DBInstanceStatus ?? 'unknown'}, not available.`, {
    remedy: `Wait until it is: aws rds wait db-instance-available --db-instance-identifier ${identifier}`,
  });
}

function restorable(instance: DBInstance, identifier: string, now: Date): void {
  if (identifier.length > LONGEST_IDENTIFIER) {
    throw new InstanceNotRestorableError(
      `The name ${identifier} has ${identifier.length} characters: a restore could not give the instance another that begins with it.`,
      { remedy: `Rename it to one of at most ${LONGEST_IDENTIFIER}, and deploy the stack with its new name.` },
    );
  }
  if (!instance.BackupRetentionPeriod) {
    throw new InstanceNotRestorableError(`${identifier} keeps no automated backups (retention is 0 days).`, {
      remedy: `Turn them on: aws rds modify-db-instance --db-instance-identifier ${identifier} --backup-retention-period 7 --apply-immediately`,
    });
  }
  const latest = instance.LatestRestorableTime;
  const lag = latest ? (now.getTime() - latest.getTime()) / 60_000 : Number.POSITIVE_INFINITY;
  if (lag > MAX_LAG_MINUTES) {
    const since = latest ? `${latest.toISOString()}, ${Math.round(lag)} minutes ago` : 'not known yet';
    throw new InstanceNotRestorableError(
      `The latest restorable time of ${identifier} is ${since}; at most ${MAX_LAG_MINUTES} minutes are allowed.`,
      { remedy: 'Wait for the first automated backup, or look at the events of the instance: aws rds describe-events' },
    );
  }
}

async function forcesTls(rds: RDSClient, instance: DBInstance, identifier: string): Promise<void> {
  const group = instance.DBParameterGroups?.[0]?.DBParameterGroupName;
  if (group) {
    for await (const page of paginateDescribeDBParameters({ client: rds }, { DBParameterGroupName: group })) {
      const parameter = page.Parameters?.find((each) => each.ParameterName === 'rds.force_ssl');
      if (parameter?.ParameterValue === '1') return;
    }
  }
  throw new InstanceNotCompliantError(
    `${identifier} admits connections without TLS (rds.force_ssl is not 1 in ${group}).`,
    {
      remedy: `Set it: aws rds modify-db-parameter-group --db-parameter-group-name ${group} --parameters ParameterName=rds.force_ssl,ParameterValue=1,ApplyMethod=immediate`,
    },
  );
}

async function hasQuota(rds: RDSClient, quotas: ReturnType<typeof needed>): Promise<void> {
  const { AccountQuotas = [] } = await rds.send(new DescribeAccountAttributesCommand({}));
  for (const [name, more] of Object.entries(quotas)) {
    const quota = AccountQuotas.find((each) => each.AccountQuotaName === name);
    const [used, max] = [quota?.Used ?? 0, quota?.Max ?? Number.POSITIVE_INFINITY];
    if (used + more > max) {
      throw new InstanceNotRestorableError(
        `The account uses ${used} of ${max} ${name}; ${more} more would be needed.`,
        {
          remedy: 'Delete what is not needed any more, or ask for a higher quota in Service Quotas.',
        },
      );
    }
  }
}
