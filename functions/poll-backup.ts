import * as z from 'zod/mini';
import { pollJob } from '../lib/kubernetes/poll-job.ts';
import { backupJobInput, checkLease } from './edge/backup-job.ts';
import { kubernetes } from './edge/cluster.ts';
import { documents } from './edge/documents.ts';
import { defineHandler } from './edge/handler.ts';
import { settings } from './edge/settings.ts';

const input = z.object({ ...backupJobInput, job: z.object({ name: z.string(), launchedAt: z.string() }) });

export const handler = defineHandler(input, async ({ run, holder, command, job }) => {
  await checkLease({ run, holder });
  return pollJob({
    ...{ kubernetes: await kubernetes(), documents, namespace: settings.NAMESPACE, run, command, ...job },
    ...{ deadlineSeconds: settings.DEADLINE_SECONDS, now: new Date() },
  });
});
