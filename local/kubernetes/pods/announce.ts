import type { Cluster } from '../cluster.ts';
import type { Pod } from '../objects/pod.ts';
import { ImageError, MountError, type Obstacle } from './obstacle.ts';

/** What scheduler and kubelet tell about a pod in events, in their own words. */
export type Announcer = {
  scheduled(node: string): void;
  unschedulable(message: string): void;
  pulled(): void;
  started(): void;
  /** Why the container does not start yet. */
  obstacle(obstacle: Obstacle): void;
  backOff(): void;
  failed(message: string): void;
  killing(): void;
};

export function announce(cluster: Cluster, pod: Pod): Announcer {
  const { name = '', image = '' } = pod.spec.containers[0] ?? {};
  const about = pod;
  const tell = (type: 'Normal' | 'Warning', reason: string, message: string) =>
    cluster.record({ about, type, reason, message, component: 'kubelet', fieldPath: `spec.containers{${name}}` });
  const warn = (reason: string, message: string) => tell('Warning', reason, message);
  const schedule = (type: 'Normal' | 'Warning', reason: string, message: string) =>
    cluster.record({ about, type, reason, message, component: 'default-scheduler' });
  return {
    scheduled: (node) =>
      schedule(
        'Normal',
        'Scheduled',
        `Successfully assigned ${pod.metadata.namespace}/${pod.metadata.name} to ${node}`,
      ),
    unschedulable: (message) => schedule('Warning', 'FailedScheduling', message),
    pulled: () => tell('Normal', 'Pulled', `Container image "${image}" already present on machine`),
    started() {
      tell('Normal', 'Created', `Created container: ${name}`);
      tell('Normal', 'Started', `Started container ${name}`);
    },
    obstacle(obstacle) {
      const { reason, message } = obstacle;
      if (obstacle instanceof MountError) {
        cluster.record({ about, type: 'Warning', reason: 'FailedMount', message, component: 'kubelet' });
      } else if (obstacle instanceof ImageError) {
        if (reason === 'ErrImagePull') {
          tell('Normal', 'Pulling', `Pulling image "${image}"`);
          warn('Failed', `Failed to pull image "${image}": ${message}`);
        } else {
          warn(reason === 'InvalidImageName' ? 'InspectFailed' : reason, message);
        }
        warn('Failed', `Error: ${reason}`);
      } else {
        warn('Failed', `Error: ${message}`);
      }
    },
    backOff() {
      tell('Normal', 'BackOff', `Back-off pulling image "${image}"`);
      warn('Failed', 'Error: ImagePullBackOff');
    },
    failed: (message) => warn('Failed', message),
    killing: () => tell('Normal', 'Killing', `Stopping container ${name}`),
  };
}
