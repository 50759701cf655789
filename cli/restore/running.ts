import { DescribeExecutionCommand } from '@aws-sdk/client-sfn';
import { readDocument } from '../../lib/documents/documents.ts';
import { keys } from '../../lib/runs/keys.ts';
import { type OutcomeRecord, record } from '../../lib/runs/record.ts';
import type { Stack } from '../stack/stack.ts';

/** A restore that somebody started, as far as it is: its outcome, or the execution that is to have one. */
export type KnownRestore = { outcome: OutcomeRecord } | { outcome: null; execution: string; startedAt: Date };

/** Null where no restore has that name. A migration that puts its database back is known by its outcome only. */
export async function findRestore(stack: Stack, run: string): Promise<KnownRestore | null> {
  const found = await readDocument({ s3: stack.s3, bucket: stack.names.bucket }, keys.outcome(run), record);
  if (found !== null) return { outcome: found.value };
  const execution = stack.names.execution('restore', run);
  try {
    const { startDate } = await stack.sfn.send(new DescribeExecutionCommand({ executionArn: execution }));
    return { outcome: null, execution, startedAt: startDate ?? new Date(0) };
  } catch (error) {
    if (error instanceof Error && error.name === 'ExecutionDoesNotExist') return null;
    throw error;
  }
}
