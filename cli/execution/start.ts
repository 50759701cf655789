import { randomBytes } from 'node:crypto';
import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { Stack } from '../stack/stack.ts';

/** The name of a new root execution, and so the run's id: what, when (UTC), and four hex digits against coincidence. */
export function runId(database: string, now: Date): string {
  const time = now.toISOString().replace(/[-:]/g, '').replace(/\.\d+/, '');
  return `${database}-${time}-${randomBytes(2).toString('hex')}`;
}

/** Starts the machine under the run's id, which makes a repeated call start nothing new. Returns the execution's ARN. */
export async function start(stack: Stack, machine: string, run: string, input: object): Promise<string> {
  const { executionArn = '' } = await stack.sfn.send(
    new StartExecutionCommand({
      stateMachineArn: stack.names.stateMachine(machine),
      name: run,
      input: JSON.stringify(input),
    }),
  );
  return executionArn;
}
