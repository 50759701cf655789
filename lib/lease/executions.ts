import { DescribeExecutionCommand, type SFNClient } from '@aws-sdk/client-sfn';

export type ExecutionState = {
  running: boolean;
  status: string;
  error: string | null;
  cause: string | null;
  startedAt: string | null;
  input: string | null;
};

/** The state of a root execution, which decides whether the holder of a lease is alive. Gone after 90 days: over. */
export async function describeExecution(sfn: SFNClient, execution: string): Promise<ExecutionState> {
  try {
    const found = await sfn.send(new DescribeExecutionCommand({ executionArn: execution }));
    return {
      running: found.status === 'RUNNING' || found.status === 'PENDING_REDRIVE',
      status: found.status ?? 'UNKNOWN',
      error: found.error ?? null,
      cause: found.cause ?? null,
      startedAt: found.startDate?.toISOString() ?? null,
      input: found.input ?? null,
    };
  } catch (error) {
    if (error instanceof Error && error.name === 'ExecutionDoesNotExist') {
      return { running: false, status: 'GONE', error: null, cause: null, startedAt: null, input: null };
    }
    throw error;
  }
}
