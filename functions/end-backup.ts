import * as z from 'zod/mini';
import { abortUploads } from '../lib/backups/abort-uploads.ts';
import { deleteJob } from '../lib/kubernetes/delete-job.ts';
import { jobName } from '../lib/runs/keys.ts';
import { kubernetes } from './edge/cluster.ts';
import { documents } from './edge/documents.ts';
import { defineHandler } from './edge/handler.ts';
import { settings } from './edge/settings.ts';
import { run } from './edge/state.ts';

/** A pod on a lost node never goes. Whatever it still does, it makes no backup that anybody counts. Tries, 5 seconds apart. */
const TRIES = 24;

const input = z.object({ run, ending: z.nullable(z.object({ tries: z.int() })) });

/** Ends the Jobs of a backup that failed, and what they had open in S3. */
export const handler = defineHandler(input, async ({ run, ending }) => {
  const tries = (ending?.tries ?? 0) + 1;
  const names = (['backup', 'verify'] as const).map((command) => jobName(run.database, run.id, command));
  const client = await kubernetes();
  const ended = await Promise.all(
    names.map((name) => deleteJob({ kubernetes: client, namespace: settings.NAMESPACE, name, run: run.id })),
  );
  const gone = ended.every((one) => one.gone);
  const done = gone || tries >= TRIES;
  const aborted = done ? await abortUploads(documents, run.backup?.id ?? run.id, run.id) : 0;
  return { gone, aborted, tries, done, waitSeconds: 5 };
});
