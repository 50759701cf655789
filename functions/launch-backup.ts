import * as z from 'zod/mini';
import { drillTarget } from '../lib/drills/make-instance.ts';
import { backupJob } from '../lib/kubernetes/backup-job.ts';
import { VERDICT_GRACE } from '../lib/kubernetes/job-manifest.ts';
import { launchJob } from '../lib/kubernetes/launch-job.ts';
import { jobName } from '../lib/runs/keys.ts';
import { backupJobInput, checkLease } from './edge/backup-job.ts';
import { kubernetes } from './edge/cluster.ts';
import { defineHandler } from './edge/handler.ts';
import { settings } from './edge/settings.ts';

/** `secret`: of the database that a dump is restored into, with its address; null for the one that is backed up. */
const input = z.object({
  ...backupJobInput,
  backup: z.string(),
  image: z.string(),
  secret: z.nullable(drillTarget),
});

export const handler = defineHandler(input, async ({ run, holder, command, backup, image, secret }) => {
  await checkLease({ run, holder });
  // The database that serves is never the one that a dump is restored into.
  if ((command === 'restore-dump') !== (secret !== null)) throw new Error(`${command} has the wrong database.`);
  const name = jobName(run.database, run.id, command);
  const namespace = settings.NAMESPACE;
  const manifest = backupJob({
    ...{ command, name, run: run.id, namespace, image },
    serviceAccount: settings.BACKUP_SERVICE_ACCOUNT,
    deadlineSeconds: settings.DEADLINE_SECONDS + VERDICT_GRACE,
    env: {
      RUN_ID: run.id,
      BACKUP_ID: backup,
      DATABASE: run.database,
      BUCKET: settings.BUCKET,
      ...(secret === null ? { DB_SECRET_ARN: settings.DB_SECRET_ARN } : addressOf(secret)),
      DEADLINE_SECONDS: `${settings.DEADLINE_SECONDS}`,
      MEMORY_DIR: '/tmp',
      AWS_REGION: settings.AWS_REGION,
      ...(settings.BACKUP_KMS_KEY === '' ? {} : { BACKUP_KMS_KEY: settings.BACKUP_KMS_KEY }),
      ...(settings.BACKUP_ALLOWED === '' ? {} : { BACKUP_ALLOWED: settings.BACKUP_ALLOWED }),
    },
  });
  await launchJob({ kubernetes: await kubernetes(), namespace, manifest, run: run.id });
  return { name, launchedAt: new Date().toISOString(), phase: 'Pending', done: false, waitSeconds: 2 };
});

/** The secret that RDS keeps of a master user holds no address. */
function addressOf({ arn, host, port, dbname }: z.infer<typeof drillTarget>): Record<string, string> {
  return { DB_SECRET_ARN: arn, DB_HOST: host, DB_PORT: `${port}`, DB_NAME: dbname };
}
