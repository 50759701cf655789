import { timestamp } from '../objects/metadata.ts';
import type { Condition, Container, ContainerState, Pod, PodStatus } from '../objects/pod.ts';

/** What the one node of the local cloud is called; it is this machine. */
export const NODE = {
  name: 'local',
  ip: '127.0.0.1',
  labels: {
    'kubernetes.io/hostname': 'local',
    'kubernetes.io/os': 'linux',
    'kubernetes.io/arch': process.arch === 'x64' ? 'amd64' : process.arch,
  },
};

type Phase = PodStatus['phase'];

/** A pod that no node can take. */
export function unschedulable(pod: Pod, message: string, now: Date): Pod {
  const condition: Condition = {
    type: 'PodScheduled',
    status: 'False',
    reason: 'Unschedulable',
    message,
    lastProbeTime: null,
    lastTransitionTime: timestamp(now),
  };
  return { ...pod, status: { ...pod.status, phase: 'Pending', conditions: [condition] } };
}

/** A pod that the scheduler has given to the node, and the node has taken. */
export function assigned(pod: Pod, now: Date): Pod {
  const status = { ...pod.status, startTime: timestamp(now), hostIP: NODE.ip, hostIPs: [{ ip: NODE.ip }] };
  return withContainer(
    { ...pod, spec: { ...pod.spec, nodeName: NODE.name }, status },
    { phase: 'Pending', now, state: { waiting: { reason: 'ContainerCreating' } } },
  );
}

/** The pod with a new state of its one container, and the conditions that follow from it. */
export function withContainer(
  pod: Pod,
  change: { phase: Phase; state: ContainerState; now: Date; image?: string; containerID?: string; pid?: number },
): Pod {
  const { phase, state, now } = change;
  const container = pod.spec.containers[0];
  const before = pod.status.containerStatuses?.[0];
  const ready = state.running !== undefined;
  const isOver = phase === 'Succeeded' || phase === 'Failed';
  const because = isOver
    ? { reason: phase === 'Succeeded' ? 'PodCompleted' : 'PodFailed' }
    : { reason: 'ContainersNotReady', message: `containers with unready status: [${container?.name}]` };
  const unready = ready ? {} : because;
  const conditions = [
    conditionOf(pod, { type: 'PodReadyToStartContainers', status: isOver ? 'False' : 'True' }, now),
    conditionOf(pod, { type: 'Initialized', status: 'True', ...(phase === 'Succeeded' ? because : {}) }, now),
    conditionOf(pod, { type: 'Ready', status: ready ? 'True' : 'False', ...unready }, now),
    conditionOf(pod, { type: 'ContainersReady', status: ready ? 'True' : 'False', ...unready }, now),
    conditionOf(pod, { type: 'PodScheduled', status: 'True' }, now),
  ];
  const containerID = change.containerID ?? before?.containerID;
  const containerStatus = {
    name: container?.name ?? '',
    state,
    lastState: {},
    ready,
    restartCount: 0,
    image: container?.image ?? '',
    imageID: change.image ?? before?.imageID ?? '',
    started: ready,
    ...(containerID === undefined ? {} : { containerID }),
  };
  const ip = ready ? { podIP: NODE.ip, podIPs: [{ ip: NODE.ip }] } : {};
  const annotations =
    change.pid === undefined ? {} : { annotations: { ...pod.metadata.annotations, [PID]: `${change.pid}` } };
  return {
    ...pod,
    metadata: { ...pod.metadata, ...annotations },
    status: { ...pod.status, ...ip, phase, conditions, containerStatuses: [containerStatus] },
  };
}

/** The annotation that says which process of this machine the pod's container is. Stays when the process is gone. */
export const PID = 'carthub-db.local/pid';

/** Of the classes that Kubernetes gives by requests and limits; nothing here acts on it. */
export function qosClass(containers: Container[]): string {
  const amounts = containers.flatMap(({ resources: { limits, requests } }) =>
    (['cpu', 'memory'] as const).map((what) => ({
      limit: limits?.[what],
      request: requests?.[what] ?? limits?.[what],
    })),
  );
  if (amounts.every(({ limit, request }) => limit === undefined && request === undefined)) return 'BestEffort';
  return amounts.every(({ limit, request }) => limit !== undefined && limit === request) ? 'Guaranteed' : 'Burstable';
}

function conditionOf(
  pod: Pod,
  wanted: Pick<Condition, 'type' | 'status' | 'reason' | 'message'>,
  now: Date,
): Condition {
  const before = pod.status.conditions?.find(({ type }) => type === wanted.type);
  const lastTransitionTime = before?.status === wanted.status ? before.lastTransitionTime : timestamp(now);
  return { lastProbeTime: null, lastTransitionTime, ...wanted };
}
