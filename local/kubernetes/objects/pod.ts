import * as z from 'zod/mini';
import { labels, metadata } from './metadata.ts';

/** A part of the API that is stored as it comes, and neither looked into nor acted on. */
const opaque = z.optional(z.record(z.string(), z.unknown()));
const opaques = z.optional(z.array(z.record(z.string(), z.unknown())));
const text = z.optional(z.string());
const flag = z.optional(z.boolean());
const int32 = z.optional(z.int32());
const int64 = z.optional(z.int());
const texts = z.optional(z.array(z.string()));
const quantities = z.optional(z.record(z.string(), z.union([z.string(), z.number()])));

const keySelector = z.object({ name: z._default(z.string(), ''), key: z.string(), optional: flag });
const sourceRef = z.object({ name: z._default(z.string(), ''), optional: flag });

const envVar = z.object({
  name: z.string(),
  value: text,
  valueFrom: z.optional(
    z.object({
      fieldRef: z.optional(z.object({ apiVersion: z._default(z.string(), 'v1'), fieldPath: z.string() })),
      resourceFieldRef: opaque,
      configMapKeyRef: z.optional(keySelector),
      secretKeyRef: z.optional(keySelector),
    }),
  ),
});

const containerSecurity = z.object({
  allowPrivilegeEscalation: flag,
  privileged: flag,
  readOnlyRootFilesystem: flag,
  runAsNonRoot: flag,
  runAsUser: int64,
  runAsGroup: int64,
  procMount: text,
  capabilities: z.optional(z.object({ add: texts, drop: texts })),
  seccompProfile: z.optional(z.object({ type: z.string(), localhostProfile: text })),
  appArmorProfile: opaque,
  seLinuxOptions: opaque,
  windowsOptions: opaque,
});

const container = z.object({
  name: z._default(z.string(), ''),
  image: z._default(z.string(), ''),
  command: texts,
  args: texts,
  workingDir: text,
  ports: opaques,
  envFrom: z.optional(
    z.array(z.object({ prefix: text, configMapRef: z.optional(sourceRef), secretRef: z.optional(sourceRef) })),
  ),
  env: z.optional(z.array(envVar)),
  resources: z._default(z.object({ limits: quantities, requests: quantities, claims: opaques }), {}),
  resizePolicy: opaques,
  restartPolicy: text,
  volumeMounts: z.optional(
    z.array(
      z.object({
        name: z.string(),
        mountPath: z.string(),
        readOnly: flag,
        recursiveReadOnly: text,
        subPath: text,
        subPathExpr: text,
        mountPropagation: text,
      }),
    ),
  ),
  volumeDevices: opaques,
  livenessProbe: opaque,
  readinessProbe: opaque,
  startupProbe: opaque,
  lifecycle: opaque,
  terminationMessagePath: z._default(z.string(), '/dev/termination-log'),
  terminationMessagePolicy: z._default(z.string(), 'File'),
  imagePullPolicy: text,
  securityContext: z.optional(containerSecurity),
  stdin: flag,
  stdinOnce: flag,
  tty: flag,
});

const volume = z.object({
  name: z.string(),
  emptyDir: z.optional(z.object({ medium: text, sizeLimit: z.optional(z.union([z.string(), z.number()])) })),
  configMap: z.optional(
    z.object({
      name: z._default(z.string(), ''),
      optional: flag,
      defaultMode: int32,
      items: z.optional(z.array(z.object({ key: z.string(), path: z.string(), mode: int32 }))),
    }),
  ),
  // Those that the node cannot mount; they are refused by name.
  csi: opaque,
  downwardAPI: opaque,
  ephemeral: opaque,
  hostPath: opaque,
  image: opaque,
  nfs: opaque,
  persistentVolumeClaim: opaque,
  projected: opaque,
  secret: opaque,
});

export const podSpec = z.object({
  containers: z._default(z.array(container), []),
  initContainers: opaques,
  ephemeralContainers: opaques,
  volumes: z.optional(z.array(volume)),
  restartPolicy: z._default(z.string(), 'Always'),
  terminationGracePeriodSeconds: z._default(z.int(), 30),
  activeDeadlineSeconds: int64,
  dnsPolicy: z._default(z.string(), 'ClusterFirst'),
  schedulerName: z._default(z.string(), 'default-scheduler'),
  securityContext: z._default(
    z.object({
      runAsNonRoot: flag,
      runAsUser: int64,
      runAsGroup: int64,
      fsGroup: int64,
      fsGroupChangePolicy: text,
      supplementalGroups: z.optional(z.array(z.int())),
      supplementalGroupsPolicy: text,
      seLinuxChangePolicy: text,
      seccompProfile: z.optional(z.object({ type: z.string(), localhostProfile: text })),
      appArmorProfile: opaque,
      seLinuxOptions: opaque,
      windowsOptions: opaque,
      sysctls: opaques,
    }),
    {},
  ),
  serviceAccountName: text,
  serviceAccount: text,
  automountServiceAccountToken: flag,
  enableServiceLinks: flag,
  nodeName: text,
  nodeSelector: z.optional(labels),
  hostNetwork: flag,
  hostPID: flag,
  hostIPC: flag,
  hostUsers: flag,
  shareProcessNamespace: flag,
  imagePullSecrets: opaques,
  hostname: text,
  subdomain: text,
  setHostnameAsFQDN: flag,
  affinity: opaque,
  tolerations: opaques,
  hostAliases: opaques,
  priorityClassName: text,
  priority: int32,
  preemptionPolicy: text,
  dnsConfig: opaque,
  readinessGates: opaques,
  runtimeClassName: text,
  overhead: quantities,
  topologySpreadConstraints: opaques,
  os: opaque,
  schedulingGates: opaques,
  resourceClaims: opaques,
  resources: opaque,
});

const containerState = z.object({
  waiting: z.optional(z.object({ reason: z.string(), message: text })),
  running: z.optional(z.object({ startedAt: z.string() })),
  terminated: z.optional(
    z.object({
      exitCode: z.int(),
      reason: z.string(),
      message: text,
      startedAt: z.string(),
      finishedAt: z.string(),
      containerID: text,
    }),
  ),
});

const containerStatus = z.object({
  name: z.string(),
  state: containerState,
  lastState: z._default(z.object({}), {}),
  ready: z.boolean(),
  restartCount: z.int(),
  image: z.string(),
  imageID: z.string(),
  containerID: text,
  started: z.boolean(),
});

export const condition = z.object({
  type: z.string(),
  status: z.enum(['True', 'False', 'Unknown']),
  reason: text,
  message: text,
  lastProbeTime: z._default(z.nullable(z.string()), null),
  lastTransitionTime: z.string(),
});

const podStatus = z.object({
  phase: z._default(z.enum(['Pending', 'Running', 'Succeeded', 'Failed']), 'Pending'),
  reason: text,
  message: text,
  conditions: z.optional(z.array(condition)),
  hostIP: text,
  hostIPs: z.optional(z.array(z.object({ ip: z.string() }))),
  podIP: text,
  podIPs: z.optional(z.array(z.object({ ip: z.string() }))),
  startTime: text,
  containerStatuses: z.optional(z.array(containerStatus)),
  qosClass: z._default(z.string(), 'BestEffort'),
});

export const pod = z.object({
  apiVersion: z._default(z.literal('v1'), 'v1'),
  kind: z._default(z.literal('Pod'), 'Pod'),
  metadata,
  spec: podSpec,
  status: z._default(podStatus, { phase: 'Pending', qosClass: 'BestEffort' }),
});

export type Pod = z.infer<typeof pod>;
export type PodSpec = z.infer<typeof podSpec>;
export type PodStatus = z.infer<typeof podStatus>;
export type Container = z.infer<typeof container>;
export type ContainerState = z.infer<typeof containerState>;
export type Condition = z.infer<typeof condition>;
