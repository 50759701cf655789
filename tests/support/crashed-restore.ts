import { createHash } from 'node:crypto';
import { DeleteDBInstanceCommand, DescribeDBInstancesCommand, ModifyDBInstanceCommand } from '@aws-sdk/client-rds';
import {
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import type { OutcomeRecord } from '../../lib/runs/record.ts';
import type { TestCloud } from './cloud.ts';
import { type CrashPoint, whereIn } from './crash-points.ts';
import { settled } from './execution.ts';
import { until } from './until.ts';

/** How a restore is interrupted: its Lambda dies at a call, or its root is stopped there, before the call or when its effect is there. */
export type Crash = { point: CrashPoint; when: 'before' | 'after'; how: 'dies' | 'stopped' };

/** Longer than it takes to see that the call was held, and to stop the root. */
const HELD_MS = 1_500;
/** A machine that has much else to do takes minutes for one restore. */
const MINUTES = 4;

export type RestoreInput = { order: object; acceptLoss?: 'all'; resume?: string };

/** What a restore waits for takes next to no time. */
export async function hurry({ cloud }: TestCloud): Promise<void> {
  const pace = { hydration: 0, shipping: 16, renaming: 4, modification: 1, backup: 1, deletion: 1 };
  await fetch(`${cloud.endpoint}/_pace`, { method: 'POST', body: JSON.stringify(pace) });
}

/** Waits until the logs in store reach past now: only rows that come after it are replayed, and neither tables nor the instance may. */
export async function latest(cloud: TestCloud): Promise<RestoreInput> {
  const asked = Date.now();
  await until('a moment that can be restored', async () => {
    const { DBInstances = [] } = await cloud.rds.send(
      new DescribeDBInstancesCommand({ DBInstanceIdentifier: 'carthub-db' }),
    );
    return (DBInstances[0]?.LatestRestorableTime?.getTime() ?? 0) > asked + 1000;
  });
  return { order: { to: 'latest' } };
}

/**
 * Starts a restore, and lets it crash where that is asked for; its outcome, when its lease is free again.
 *
 * @param first the run that made the copy that is taken up
 */
export async function crashedRestore(
  cloud: TestCloud,
  run: string,
  input: RestoreInput,
  crash: Crash | null,
  first: string = run,
): Promise<OutcomeRecord> {
  if (crash) {
    const { service, operation, by, skip } = crash.point;
    await cloud.arm({
      ...{ service, operation, skip, mode: `fail-${crash.when}`, code: 'AccessDeniedException', status: 403 },
      ...{ where: whereIn(crash.point, { run, copy: copyOf(first) }), ...(by === null ? {} : { by }) },
      ...(crash.how === 'stopped' ? { heldMs: HELD_MS } : {}),
    });
  }
  const execution = await startRestore(cloud, run, input);
  if (crash?.how === 'stopped') {
    await until(
      'the call to be crashed at',
      async () => (await armed(cloud)) === 0 || (await isOver(cloud, run)),
      MINUTES,
    );
    await cloud.sfn.send(new StopExecutionCommand({ executionArn: execution }));
  }
  const record = await settled(cloud, execution, MINUTES).catch(async (cause: unknown) => {
    throw new StuckError(`${run} hangs in ${await whereabouts(cloud)}.`, { cause });
  });
  if ((await armed(cloud)) > 0) {
    await fetch(`${cloud.cloud.endpoint}/_faults`, { method: 'DELETE' });
    throw new NotReachedError(`${run} never made the call: ${record.outcome} ${record.error?.message ?? ''}`);
  }
  return record;
}

/** The restore does not come to its end. */
export class StuckError extends Error {
  override readonly name = 'StuckError';
}

/** Where the executions are that are not over, and what failed in them last. */
async function whereabouts(cloud: TestCloud): Promise<string> {
  const told = (await runningRestores(cloud)).map(async (executionArn) => {
    const { events = [] } = await cloud.sfn.send(new GetExecutionHistoryCommand({ executionArn, reverseOrder: true }));
    const state = events.find(({ stateEnteredEventDetails }) => stateEnteredEventDetails)?.stateEnteredEventDetails
      ?.name;
    const failed = events.find(({ lambdaFunctionFailedEventDetails }) => lambdaFunctionFailedEventDetails);
    return `${executionArn.split(':').slice(-2).join(':')} at ${state} ${failed?.lambdaFunctionFailedEventDetails?.cause ?? ''}`;
  });
  return `${(await Promise.all(told)).join(', ')}; lease ${JSON.stringify(await cloud.document('leases/carthub.json'))}`;
}

/** The restore did not come by the call: it made it in another way this time. */
export class NotReachedError extends Error {
  override readonly name = 'NotReachedError';
}

async function startRestore(cloud: TestCloud, run: string, input: RestoreInput): Promise<string> {
  const { executionArn = '' } = await cloud.sfn.send(
    new StartExecutionCommand({
      stateMachineArn: machine(cloud, 'restore'),
      name: run,
      input: JSON.stringify({ database: 'carthub', reason: 'a crash', requestedBy: 'a test', ...input }),
    }),
  );
  return executionArn;
}

export function machine({ cloud }: TestCloud, name: string): string {
  return `arn:aws:states:${cloud.region}:${cloud.account}:stateMachine:carthub-db-carthub-${name}`;
}

async function armed({ cloud }: TestCloud): Promise<number> {
  const faults: unknown = await (await fetch(`${cloud.endpoint}/_faults`)).json();
  return Array.isArray(faults) ? faults.length : 0;
}

async function isOver(cloud: TestCloud, run: string): Promise<boolean> {
  return (await cloud.document(`runs/${run}.json`)) !== null;
}

/** As the plan names it. */
function copyOf(run: string): string {
  return `carthub-db-restored-${createHash('sha256').update(run).digest('hex').slice(0, 6)}`;
}

/** Executions of the restore's machines that are not over. */
export async function runningRestores(cloud: TestCloud): Promise<string[]> {
  const lists = await Promise.all(
    ['restore', 'put-back', 'cut-over'].map((name) =>
      cloud.sfn.send(
        new ListExecutionsCommand({ stateMachineArn: machine(cloud, name), statusFilter: 'RUNNING', maxResults: 10 }),
      ),
    ),
  );
  return lists.flatMap(({ executions = [] }) => executions.map(({ executionArn = '' }) => executionArn));
}

/** Deletes what earlier restores kept, which would be there until its date. */
export async function clearOthers({ rds }: TestCloud): Promise<void> {
  await until('an account without old instances', async () => {
    const { DBInstances = [] } = await rds.send(new DescribeDBInstancesCommand({}));
    const left = DBInstances.filter(
      ({ DBInstanceIdentifier, DBInstanceStatus }) =>
        DBInstanceIdentifier !== 'carthub-db' && DBInstanceStatus !== 'deleting',
    );
    for (const { DBInstanceIdentifier = '', DeletionProtection, DBInstanceStatus } of left) {
      if (DBInstanceStatus !== 'available') continue;
      if (DeletionProtection) {
        await rds.send(new ModifyDBInstanceCommand({ DBInstanceIdentifier, DeletionProtection: false }));
      } else {
        const rest = { SkipFinalSnapshot: true, DeleteAutomatedBackups: true };
        await rds.send(new DeleteDBInstanceCommand({ DBInstanceIdentifier, ...rest }));
      }
    }
    return left.length === 0;
  });
}
