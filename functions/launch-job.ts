import * as z from 'zod/mini';
import { VERDICT_GRACE } from '../lib/kubernetes/job-manifest.ts';
import { launchJob } from '../lib/kubernetes/launch-job.ts';
import { migrationJob } from '../lib/kubernetes/migration-job.ts';
import { jobName } from '../lib/runs/keys.ts';
import { kubernetes } from './edge/cluster.ts';
import { defineHandler } from './edge/handler.ts';
import { settings } from './edge/settings.ts';
import { lease, run } from './edge/state.ts';

export const handler = defineHandler(z.object({ run, lease }), async ({ run, lease }) => {
  const name = jobName(run.database, run.id);
  const namespace = settings.NAMESPACE;
  const manifest = migrationJob({
    name,
    run: run.id,
    namespace,
    image: run.image ?? '',
    serviceAccount: settings.SERVICE_ACCOUNT,
    deadlineSeconds: settings.DEADLINE_SECONDS + VERDICT_GRACE,
    env: {
      RUN_ID: run.id,
      TOKEN: `${lease.token}`,
      DATABASE: run.database,
      BUCKET: settings.BUCKET,
      RELEASE: run.release ?? '',
      DB_SECRET_ARN: settings.DB_SECRET_ARN,
      DEADLINE_SECONDS: `${settings.DEADLINE_SECONDS}`,
      AWS_REGION: settings.AWS_REGION,
    },
  });
  await launchJob({ kubernetes: await kubernetes(), namespace, manifest, run: run.id });
  return { name, launchedAt: new Date().toISOString(), phase: 'Pending', done: false, waitSeconds: 2 };
});
