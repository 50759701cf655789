import * as z from 'zod/mini';
import type { BackupCommand } from '../backups/commands.ts';
import { backupVerdict } from '../backups/verdict.ts';
import { type Documents, putDocument } from '../documents/documents.ts';
import { keys } from '../runs/keys.ts';
import { verdict } from '../runs/verdict.ts';
import { classifyJob, type Patience } from './classify-job.ts';
import type { KubernetesClient } from './client.ts';
import { JobFailedError, JobNeverStartedError, JobOverdueError, JobVanishedError } from './errors.ts';
import { type Observed, observeJob, terminationMessage, terminationReason } from './observe-job.ts';

/** What never heals is said after seconds; a slow pull or a new node gets its time. */
const PATIENCE: Patience = { grace: 5, budget: 600 };

/** Past the Job's own deadline, before we stop believing that Kubernetes ends it. Seconds. */
const OVERDUE = 1_800;

export type JobProgress = { name: string; launchedAt: string; phase: string; done: boolean; waitSeconds: number };

/**
 * Looks at the Job once. Done only when Kubernetes says that it is complete; every other end is a named error. What the
 * runner said of itself is kept, since pods and their words go.
 *
 * @throws JobFailedError, JobNeverStartedError, JobVanishedError, JobOverdueError
 */
export async function pollJob(options: {
  kubernetes: KubernetesClient;
  documents: Documents;
  namespace: string;
  run: { id: string };
  /** Of which kind of Job it is: their verdicts differ. */
  command?: 'migrate' | BackupCommand;
  name: string;
  launchedAt: string;
  deadlineSeconds: number;
  now: Date;
}): Promise<JobProgress> {
  const {
    kubernetes,
    documents,
    namespace,
    run,
    command = 'migrate',
    name,
    launchedAt,
    deadlineSeconds,
    now,
  } = options;
  const observed = await observeJob(kubernetes, namespace, name);
  const said = await keepVerdict(documents, run.id, command, observed);
  const found = classifyJob({ ...observed, now, patience: PATIENCE });
  const remedy = `Look at it: kubectl describe job ${name} --namespace ${namespace}`;
  switch (found.state) {
    case 'Succeeded':
      return { name, launchedAt, phase: found.state, done: true, waitSeconds: 0 };
    case 'Failed':
      throw failure(name, `${found.reason}: ${found.detail}`, observed, said, remedy);
    case 'Stuck':
      throw new JobNeverStartedError(`The Job ${name} cannot start: ${found.reason}: ${found.detail}`, { remedy });
    case 'Vanished':
      throw new JobVanishedError(`The Job ${name} is gone, and nobody saw it end.`, {
        remedy: 'Find out who deleted it; the database tells what it had done by then.',
      });
    default: {
      const age = (now.getTime() - Date.parse(launchedAt)) / 1000;
      if (age > deadlineSeconds + OVERDUE) {
        throw new JobOverdueError(`The Job ${name} is ${found.state} after ${Math.round(age)} s.`, { remedy });
      }
      return { name, launchedAt, phase: found.state, done: false, waitSeconds: nextWait(age) };
    }
  }
}

/**
 * Seconds until the next look: a twentieth of the Job's age, between 2 seconds and 3 minutes. So the end of a Job is seen
 * at most 5% late, and one of 24 hours makes about 5,300 history events of the 25,000 that an execution may have.
 */
export function nextWait(ageSeconds: number): number {
  return Math.round(Math.min(Math.max(ageSeconds / 20, 2), 180));
}

type Said = z.infer<typeof verdict> | z.infer<typeof backupVerdict>;

async function keepVerdict(
  documents: Documents,
  run: string,
  command: 'migrate' | BackupCommand,
  { pods }: Observed,
): Promise<Said | null> {
  const said = z.union([backupVerdict, verdict]).safeParse(json(terminationMessage(pods)));
  if (!said.success || said.data.run !== run) return null;
  const isOurs = 'command' in said.data ? said.data.command === command : command === 'migrate';
  if (!isOurs) return null;
  const key = command === 'migrate' ? keys.verdict(run) : keys.jobVerdict(run, command);
  await putDocument(documents, key, said.data, null);
  return said.data;
}

/** A container that was killed leaves half a message, or the end of its log: no structured word then, and no reason to fail. */
function json(message: string | null): unknown {
  try {
    return JSON.parse(message ?? 'null');
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function failure(name: string, reason: string, observed: Observed, said: Said | null, remedy: string): Error {
  if (said?.error) {
    const { message, place, remedy: its } = said.error;
    return new JobFailedError(message, { remedy: its ?? remedy, place });
  }
  const ended = terminationReason(observed.pods);
  return new JobFailedError(`The Job ${name} failed (${reason})${ended ? `; its container: ${ended}` : ''}.`, {
    remedy,
  });
}
