import * as z from 'zod/mini';
import { jobsPath } from '../../lib/kubernetes/launch-job.ts';
import { job, podList } from '../../lib/kubernetes/objects.ts';
import type { TestCloud } from './cloud.ts';
import { until } from './until.ts';

const NAMESPACE = 'shopping-cart';
const jobList = z.object({ items: z.array(job) });

/** The process that plays the container of the one Job that runs now. */
export function podProcess(cloud: TestCloud): Promise<number> {
  return until('a running pod', async () => {
    const { body } = await cloud.kubernetes.call('GET', `/api/v1/namespaces/${NAMESPACE}/pods`);
    const running = podList.parse(body).items.find((pod) => pod.status.phase === 'Running');
    return Number(running?.metadata.annotations['carthub-db.local/pid'] ?? 0);
  });
}

export async function jobNames(cloud: TestCloud): Promise<string[]> {
  const { body } = await cloud.kubernetes.call('GET', jobsPath(NAMESPACE));
  return jobList.parse(body).items.map((each) => each.metadata.name);
}

/** Moves the deadline of every Job to a second after its start, which is what its passing is. */
export async function passDeadline(cloud: TestCloud): Promise<void> {
  for (const name of await jobNames(cloud)) {
    const patched = await cloud.admin(`${jobsPath(NAMESPACE)}/${name}`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/merge-patch+json' },
      body: JSON.stringify({ spec: { activeDeadlineSeconds: 1 } }),
    });
    if (patched >= 300) throw new Error(`Patching ${name} was answered ${patched}.`);
  }
}
