import { ListExecutionsCommand, type SFNClient } from '@aws-sdk/client-sfn';

/** Younger ends have their event on its way; older ones were looked at by sixty sweeps. */
const FROM_MS = 2 * 60_000;
const TO_MS = 3_600_000;

/** Root executions among the newest hundred of each machine that ended lately, and not well: an event of theirs may be lost. */
export async function endedLately(sfn: SFNClient, machines: readonly string[], now: Date): Promise<string[]> {
  const pages = machines.map((stateMachineArn) =>
    sfn.send(new ListExecutionsCommand({ stateMachineArn, maxResults: 100 })),
  );
  return (await Promise.all(pages))
    .flatMap(({ executions = [] }) => executions)
    .flatMap(({ executionArn, status, stopDate }) => {
      const age = stopDate === undefined ? null : now.getTime() - stopDate.getTime();
      const isOver = status !== 'RUNNING' && status !== 'PENDING_REDRIVE' && status !== 'SUCCEEDED';
      const isLate = age !== null && age >= FROM_MS && age <= TO_MS;
      return executionArn !== undefined && isOver && isLate ? [executionArn] : [];
    });
}

/** The state machines of the roots that take the lease, beside the sweeper of this execution. */
export function rootMachines(sweeper: string, database: string): string[] {
  const [machine = ''] = sweeper.split(':').slice(-2);
  const [before = ''] = sweeper.split(`:execution:${machine}:`);
  return ['migrate', 'accept-state', 'restore', 'backup'].map(
    (name) => `${before}:stateMachine:carthub-db-${database}-${name}`,
  );
}
