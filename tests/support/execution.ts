import { ListExecutionsCommand } from '@aws-sdk/client-sfn';
import { type OutcomeRecord, record } from '../../lib/runs/record.ts';
import type { TestCloud } from './cloud.ts';
import { until } from './until.ts';

const arnOf = (cloud: TestCloud, machine: string) =>
  `arn:aws:states:${cloud.cloud.region}:${cloud.cloud.account}:stateMachine:carthub-db-carthub-${machine}`;

/** The execution of a machine that runs now. */
export function runningExecution(cloud: TestCloud, machine: string): Promise<string> {
  return until(`a running ${machine}`, async () => {
    const listed = await cloud.sfn.send(
      new ListExecutionsCommand({ stateMachineArn: arnOf(cloud, machine), statusFilter: 'RUNNING' }),
    );
    return listed.executions?.[0]?.executionArn;
  });
}

/** The execution of a machine that was started last. */
export function lastExecution(cloud: TestCloud, machine: string): Promise<string> {
  return until(`an execution of ${machine}`, async () => {
    const listed = await cloud.sfn.send(new ListExecutionsCommand({ stateMachineArn: arnOf(cloud, machine) }));
    return listed.executions?.[0]?.executionArn;
  });
}

/** Waits until the outcome of an execution is recorded and its lease is free. */
export async function settled(cloud: TestCloud, execution: string, minutes = 1): Promise<OutcomeRecord> {
  const run = execution.split(':').at(-1) ?? '';
  const found = await until(`the outcome of ${run}`, () => cloud.document(`runs/${run}.json`), minutes);
  await until('a free lease', async () => {
    const lease = await cloud.document('leases/carthub.json');
    return typeof lease === 'object' && lease !== null && 'holder' in lease && lease.holder === null;
  });
  return record.parse(found);
}
