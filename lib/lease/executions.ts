import { DescribeExecutionCommand, type SFNClient } from '@aws-sdk/client-sfn';
import type { Holder } from './lease.ts';

/**
 * How long after it took the lease a holder whose execution nobody knows still counts as alive. StartExecution and
 * DescribeExecution are eventually consistent, and an execution has the lease within its first seconds:
 * https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeExecution.html
 */
const UNKNOWN_FOR_MS = 5 * 60_000;

export type ExecutionState = {
  running: boolean;
  status: string;
  error: string | null;
  cause: string | null;
  startedAt: string | null;
  input: string | null;
};

/** The state of a lease's holder, which decides whether it is alive. One that is not known yet is: it may be too new. */
export async function describeHolder(sfn: SFNClient, holder: Holder, now: Date): Promise<ExecutionState> {
  const found = await describeExecution(sfn, holder.execution);
  const isNew = now.getTime() - Date.parse(holder.since) < UNKNOWN_FOR_MS;
  return found.status === GONE && isNew ? { ...found, running: true, status: 'UNKNOWN' } : found;
}

const GONE = 'GONE';

/** The state of an execution that was seen before. Gone after 90 days: over. */
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
      return { running: false, status: GONE, error: null, cause: null, startedAt: null, input: null };
    }
    throw error;
  }
}
