import { type JobManifest, type JobOrder, jobManifest } from './job-manifest.ts';

/** The label by which network policies and people find the pods of every migration. */
export const APP = 'database-migration';

/**
 * The Job of one migration. `k8s/migration-job.yaml` shows the same for people and says of every line why it is there. Its name is
 * `jobName(database, run)`.
 */
export function migrationJob(options: JobOrder): JobManifest {
  const resources = { requests: { cpu: '100m', memory: '128Mi' }, limits: { cpu: '200m', memory: '256Mi' } };
  return jobManifest({ app: APP, container: 'migration', command: 'migrate', resources }, options);
}
