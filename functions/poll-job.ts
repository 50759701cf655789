import * as z from 'zod/mini';
import { pollJob } from '../lib/kubernetes/poll-job.ts';
import { kubernetes } from './edge/cluster.ts';
import { documents } from './edge/documents.ts';
import { defineHandler } from './edge/handler.ts';
import { settings } from './edge/settings.ts';
import { run } from './edge/state.ts';

const input = z.object({ run, job: z.object({ name: z.string(), launchedAt: z.string() }) });

export const handler = defineHandler(input, async ({ run, job }) =>
  pollJob({
    kubernetes: await kubernetes(),
    documents,
    namespace: settings.NAMESPACE,
    run,
    ...job,
    deadlineSeconds: settings.DEADLINE_SECONDS,
    now: new Date(),
  }),
);
