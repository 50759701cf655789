import { RUN_ANNOTATION } from './launch-job.ts';

/** Where the container leaves its verdict; Kubernetes shows the file's last 4,096 bytes in the pod's status. */
export const TERMINATION_LOG = '/dev/termination-log';

/** How long a finished Job stays for people to look at, in seconds: a day, long after the run that polls it is over. */
const KEPT_FOR = 86_400;

/** Kubernetes ends a Job this much later than the runner ends itself, so that the runner's verdict comes first. Seconds. */
export const VERDICT_GRACE = 300;

type Metadata = {
  name: string;
  namespace: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
};

type Container = {
  name: string;
  image: string;
  imagePullPolicy: 'IfNotPresent';
  args: string[];
  env: { name: string; value: string }[];
  resources: Record<'requests' | 'limits', { cpu: string; memory: string }>;
  securityContext: {
    allowPrivilegeEscalation: false;
    readOnlyRootFilesystem: true;
    capabilities: { drop: ['ALL'] };
  };
  terminationMessagePath: string;
  terminationMessagePolicy: 'FallbackToLogsOnError';
  volumeMounts: { name: string; mountPath: string }[];
};

/** The part of a `batch/v1` Job that we write. */
export type JobManifest = {
  apiVersion: 'batch/v1';
  kind: 'Job';
  metadata: Metadata;
  spec: {
    backoffLimit: 0;
    activeDeadlineSeconds: number;
    ttlSecondsAfterFinished: number;
    template: {
      metadata: Omit<Metadata, 'name' | 'namespace'>;
      spec: {
        restartPolicy: 'Never';
        serviceAccountName: string;
        automountServiceAccountToken: false;
        enableServiceLinks: false;
        terminationGracePeriodSeconds: number;
        securityContext: {
          runAsNonRoot: true;
          runAsUser: number;
          runAsGroup: number;
          seccompProfile: { type: 'RuntimeDefault' };
        };
        containers: [Container];
        volumes: { name: string; emptyDir: { medium: 'Memory'; sizeLimit: string } }[];
      };
    };
  };
};

/** What a Job is asked to do, and what it may use for it. */
export type JobOrder = {
  /** The same at every try, so that a second create meets the first. */
  name: string;
  run: string;
  namespace: string;
  /** With its digest. */
  image: string;
  serviceAccount: string;
  /** What the runner reads, besides VERDICT_PATH; no secret, since whoever may read Jobs may read it. */
  env: Record<string, string>;
  /**
   * When Kubernetes ends it, counted from its start, waiting for a node included; later than the runner's own deadline, which
   * still leaves a verdict.
   */
  deadlineSeconds: number;
};

/** What Jobs of one kind have in common. */
export type JobKind = {
  /** The label by which network policies and people find the pods. */
  app: string;
  container: string;
  command: string;
  resources: Container['resources'];
};

/** The Job of one run, as it is sent to the Kubernetes API. */
export function jobManifest(kind: JobKind, options: JobOrder): JobManifest {
  const run = { [RUN_ANNOTATION]: options.run };
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: options.name, namespace: options.namespace, labels: { app: kind.app }, annotations: run },
    spec: {
      backoffLimit: 0,
      activeDeadlineSeconds: options.deadlineSeconds,
      ttlSecondsAfterFinished: KEPT_FOR,
      template: {
        metadata: {
          labels: { app: kind.app, 'sidecar.istio.io/inject': 'false' },
          annotations: {
            ...run,
            'karpenter.sh/do-not-disrupt': 'true',
            'cluster-autoscaler.kubernetes.io/safe-to-evict': 'false',
          },
        },
        spec: {
          restartPolicy: 'Never',
          serviceAccountName: options.serviceAccount,
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          terminationGracePeriodSeconds: 30,
          securityContext: {
            runAsNonRoot: true,
            runAsUser: 1000,
            runAsGroup: 1000,
            seccompProfile: { type: 'RuntimeDefault' },
          },
          containers: [container(kind, options)],
          volumes: [{ name: 'tmp', emptyDir: { medium: 'Memory', sizeLimit: '16Mi' } }],
        },
      },
    },
  };
}

function container(kind: JobKind, { image, env }: Pick<JobOrder, 'image' | 'env'>): Container {
  return {
    name: kind.container,
    image,
    imagePullPolicy: 'IfNotPresent',
    args: [kind.command],
    env: Object.entries({ ...env, VERDICT_PATH: TERMINATION_LOG }).map(([name, value]) => ({ name, value })),
    resources: kind.resources,
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
    terminationMessagePath: TERMINATION_LOG,
    terminationMessagePolicy: 'FallbackToLogsOnError',
    volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
  };
}
