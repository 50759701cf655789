import { CreateDBInstanceCommand, type RDSClient } from '@aws-sdk/client-rds';
import * as z from 'zod/mini';
import { isAvailable, stuckIn } from '../restore/copy-status.ts';
import { finished, type Loop } from '../restore/loop.ts';
import { describeName } from '../restore/settings/describe.ts';
import type { CapturedInstance } from '../restore/settings/instance.ts';
import { DrillInstanceError } from './errors.ts';
import { drillInstance } from './instance-settings.ts';
import { again } from './loop.ts';
import type { DrillPlan, DrillRun } from './order.ts';
import { drillTags, isOf } from './tags.ts';

/** How the Job reaches the database that it restores into. The secret that RDS keeps has no address. */
export const drillTarget = z.object({ arn: z.string(), host: z.string(), port: z.int(), dbname: z.string() });

export type DrillTarget = z.infer<typeof drillTarget>;

export type Made = Loop & {
  identifier: string;
  status: string;
  /** Null until it can be restored into, as is how long that took. */
  target: DrillTarget | null;
  instanceMs: number | null;
};

const MAX_SECONDS = 3 * 3_600;

/** Refusals that may be of a call of ours whose answer was lost, or of a name that is being given back. */
const PASSING = /^(DBInstanceAlreadyExists|InvalidDBInstanceState)/;

/**
 * Makes the instance beside production's, with the settings of that, or goes on with the one that an earlier call made. Production
 * is only looked at.
 *
 * @throws DrillInstanceError when RDS does not make it, or somebody else's has its name; DrillOverdueError
 */
export async function makeInstance(options: {
  rds: RDSClient;
  run: DrillRun;
  plan: Pick<DrillPlan, 'instance' | 'keep'>;
  source: string;
  group: string;
  progress: { startedAt: string } | null;
  now: Date;
}): Promise<Made> {
  const { rds, run, plan, now } = options;
  const startedAt = options.progress?.startedAt ?? now.toISOString();
  const identifier = plan.instance;
  let found = await describeName(rds, identifier);
  if (found === null) {
    await create(options);
    found = await describeName(rds, identifier);
  }
  const wait = () => again(startedAt, now, { maxSeconds: MAX_SECONDS, what: `Making ${identifier}` });
  const unmade = { identifier, target: null, instanceMs: null };
  if (found === null) return { ...wait(), ...unmade, status: 'not there yet' };
  const status = found.DBInstanceStatus;
  if (!isOf(found, run)) {
    throw new DrillInstanceError(`The instance ${identifier} is there, and not of this run.`, {
      remedy: 'Choose another name for it, or see whose it is: aws rds describe-db-instances',
    });
  }
  const remedy = stuckIn(status);
  if (remedy !== null) throw new DrillInstanceError(`The instance ${identifier} is ${status}.`, { remedy });
  const target = isAvailable(found) ? targetOf(found) : null;
  if (target === null) return { ...wait(), ...unmade, status };
  const instanceMs = Math.max(0, now.getTime() - Date.parse(startedAt));
  return { ...finished(startedAt), identifier, status, target, instanceMs };
}

async function create(options: Parameters<typeof makeInstance>[0]): Promise<void> {
  const { rds, run, plan, source, group, now } = options;
  const production = await describeName(rds, source);
  if (production === null) {
    throw new DrillInstanceError(`The instance ${source}, whose settings it would have, is not there.`, {
      remedy: 'Deploy the stack with the name of the instance: --param="instance=NAME"',
    });
  }
  const { instance: identifier, keep } = plan;
  try {
    const wanted = drillInstance(production, { identifier, group, keep, tags: drillTags(run, now) });
    await rds.send(new CreateDBInstanceCommand(wanted));
  } catch (error) {
    if (!(error instanceof Error) || !('$fault' in error) || error.$fault !== 'client') throw error;
    if (PASSING.test(error.name) || /^(Throttling|RequestLimitExceeded)/.test(error.name)) return;
    throw new DrillInstanceError(`RDS does not make ${identifier}: ${error.name}: ${error.message}`, {
      remedy: /Quota|Capacity/.test(error.name)
        ? 'Ask for a higher quota, or remove instances that nobody needs; then start it again.'
        : "Correct what it says: the instance's settings are taken from production's.",
      cause: error,
    });
  }
}

/** Null until it has an address and a password. */
function targetOf({ Endpoint, MasterUserSecret, DBName }: CapturedInstance): DrillTarget | null {
  const { Address: host, Port: port } = Endpoint ?? {};
  const { SecretArn: arn, SecretStatus } = MasterUserSecret ?? {};
  if (!host || !port || !arn || SecretStatus !== 'active' || !DBName) return null;
  return { arn, host, port, dbname: DBName };
}
