import { forbidden } from '../api/status.ts';
import type { Cluster } from '../cluster.ts';
import type { Job } from '../objects/job.ts';
import type { Pod } from '../objects/pod.ts';
import { podSecurityViolation } from '../pod-security.ts';
import { qosClass } from '../pods/status.ts';
import { newborn, randomSuffix } from '../store/lifecycle.ts';
import { TRACKING } from './prepare.ts';

/**
 * Makes a pod of the Job's template and stores it, or throws the 403 with which admission refuses it: an account that is not
 * there, or a spec that the namespace's Pod Security Standard forbids.
 */
export function makePod(cluster: Cluster, job: Job): Pod {
  const { template } = job.spec;
  const { namespace = '', name: jobName, uid } = job.metadata;
  const account = template.spec.serviceAccountName ?? template.spec.serviceAccount ?? 'default';
  if (!cluster.store.serviceaccounts.get(namespace, account)) {
    const why = `error looking up service account ${namespace}/${account}: serviceaccount "${account}" not found`;
    throw forbidden('pods', `${jobName}-`, why);
  }
  const name = `${jobName.slice(0, 57)}-${randomSuffix()}`;
  const home = cluster.store.namespaces.get(undefined, namespace);
  const violation = home ? podSecurityViolation(home, 'enforce', template.spec) : null;
  if (violation !== null) throw forbidden('pods', name, violation.replace(/^violate/, 'violates'));
  const { labels, annotations } = template.metadata;
  const pod: Pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      generateName: `${jobName}-`,
      namespace,
      ...{ uid: '', resourceVersion: '', creationTimestamp: '' },
      ...(labels ? { labels } : {}),
      ...(annotations ? { annotations } : {}),
      finalizers: [TRACKING],
      ownerReferences: [
        { apiVersion: 'batch/v1', kind: 'Job', name: jobName, uid, controller: true, blockOwnerDeletion: true },
      ],
    },
    spec: { ...template.spec, serviceAccountName: account, serviceAccount: account },
    status: { phase: 'Pending', qosClass: qosClass(template.spec.containers) },
  };
  return cluster.store.pods.put(newborn(pod, { now: cluster.now(), generation: false }));
}
