import { setTimeout as pause } from 'node:timers/promises';
import { readDocument } from '../../lib/documents/documents.ts';
import { keys } from '../../lib/runs/keys.ts';
import { type OutcomeRecord, record } from '../../lib/runs/record.ts';
import { MissingOutcomeError } from '../errors.ts';
import type { Stack } from '../stack/stack.ts';

/**
 * The outcome that a run's execution has written. One that was stopped or timed out has written none; then it is the
 * sweeper who finds out, and it is waited for.
 *
 * @throws MissingOutcomeError after `patienceMs`
 */
export async function readOutcome(options: {
  stack: Stack;
  run: string;
  status: string;
  pollMs: number;
  patienceMs: number;
  onWait: () => void;
  interrupted: AbortSignal;
}): Promise<OutcomeRecord> {
  const { stack, run, status, pollMs, patienceMs, onWait, interrupted } = options;
  for (let waited = 0; ; waited += pollMs) {
    const found = await readDocument({ s3: stack.s3, bucket: stack.names.bucket }, keys.outcome(run), record);
    if (found !== null) return found.value;
    if (waited >= patienceMs) break;
    if (waited === 0) onWait();
    await pause(pollMs, undefined, { signal: interrupted });
  }
  throw new MissingOutcomeError(
    `The execution of run ${run} is over (${status}), and the sweeper has not written its outcome yet.`,
    { remedy: `It will: look for s3://${stack.names.bucket}/${keys.outcome(run)}, or at: npx carthub-db status` },
  );
}
