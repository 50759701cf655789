import * as z from 'zod/mini';
import { deleteJob } from '../lib/kubernetes/delete-job.ts';
import { jobName } from '../lib/runs/keys.ts';
import { kubernetes } from './edge/cluster.ts';
import { defineHandler } from './edge/handler.ts';
import { settings } from './edge/settings.ts';
import { run } from './edge/state.ts';

/** A pod on a lost node never goes; the token in the database shuts it out all the same. Tries, 5 seconds apart. */
const TRIES = 24;

const input = z.object({ run, deletion: z.nullable(z.object({ tries: z.int() })) });

export const handler = defineHandler(input, async ({ run, deletion }) => {
  const tries = (deletion?.tries ?? 0) + 1;
  const { gone } = await deleteJob({
    kubernetes: await kubernetes(),
    namespace: settings.NAMESPACE,
    name: jobName(run.database, run.id),
    run: run.id,
  });
  return { gone, tries, done: gone || tries >= TRIES, waitSeconds: 5 };
});
