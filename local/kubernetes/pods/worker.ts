import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Cluster, Pace } from '../cluster.ts';
import type { Pod } from '../objects/pod.ts';
import { announce } from './announce.ts';
import type { Log } from './log.ts';
import { ImageError, Obstacle } from './obstacle.ts';
import { type Run, runContainer } from './run.ts';
import { type Launch, prepare, pull } from './start.ts';
import { assigned, NODE, unschedulable, withContainer } from './status.ts';

/** The one node that pods run on: this machine. */
export type Node = {
  /** Where the pods' own files lie, one folder a pod. */
  folder: string;
  images: string;
  processes: string;
  podEnv: () => Record<string, string>;
  pace: Pace;
};

/** The life of one pod on the node. */
export type Worker = {
  /** Its log while its container runs. */
  log(): Log | null;
  /** Ends it: SIGTERM, and SIGKILL after `graceSeconds`. Again with less shortens the wait. */
  stop(graceSeconds: number): void;
  /** Settles when nothing of it runs any more and its last status is stored. */
  done: Promise<void>;
};

const LONGEST_BACKOFF_MS = 300_000;
const FOREVER_MS = 2 ** 31 - 1;
const NO_NODE =
  "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.";

/** Where the files of the pod with this uid lie. */
export function filesOf(folder: string, uid: string): { root: string; log: string; termination: string } {
  const root = join(folder, uid);
  return { root, log: join(root, 'container.log'), termination: join(root, 'termination-log') };
}

/** Takes a pod through its life, from Pending to Succeeded or Failed, and writes each step into the store. */
export function startWorker(cluster: Cluster, node: Node, pod: Pod): Worker {
  const { store, now } = cluster;
  const { namespace, name, uid } = pod.metadata;
  const files = filesOf(node.folder, uid);
  const ending = new AbortController();
  const say = announce(cluster, pod);
  let run: Run | null = null;
  let graceSeconds = 0;
  const current = () => store.pods.get(namespace, name);
  const change = (make: (pod: Pod) => Pod) => {
    const before = current();
    if (before?.metadata.uid === uid) store.pods.put(make(before));
  };
  /** Resolves early when the pod is to end. */
  const wait = (ms: number) => pause(ms, undefined, { signal: ending.signal }).catch(() => undefined);

  const schedule = (): boolean => {
    const labels: Record<string, string> = NODE.labels;
    if (Object.entries(pod.spec.nodeSelector ?? {}).some(([key, value]) => labels[key] !== value)) {
      change((before) => unschedulable(before, NO_NODE, now()));
      say.unschedulable(NO_NODE);
      return false;
    }
    say.scheduled(NODE.name);
    change((before) => assigned(before, now()));
    return true;
  };

  const waiting = (reason: string, message: string) => {
    // The kubelet does not say in the status why a volume is not there.
    const state = { waiting: { reason, ...(reason === 'ContainerCreating' ? {} : { message }) } };
    change((before) => withContainer(before, { phase: 'Pending', state, now: now() }));
  };

  /** Tries until the container can be started; null when the pod is ended before that. */
  const preparing = async (): Promise<Launch | null> => {
    for (
      let backOff = node.pace.imageBackOff;
      !ending.signal.aborted;
      backOff = Math.min(backOff * 2, LONGEST_BACKOFF_MS)
    ) {
      try {
        const image = await pull(node.images, pod);
        say.pulled();
        return await prepare({ store, pod: current() ?? pod, image, folder: files.root, podEnv: node.podEnv() });
      } catch (error) {
        if (!(error instanceof Obstacle)) throw error;
        waiting(error.reason, error.message);
        say.obstacle(error);
        if (error.reason === 'ErrImagePull') {
          await wait(node.pace.backOffNotice);
          if (ending.signal.aborted) break;
          const image = pod.spec.containers[0]?.image;
          waiting('ImagePullBackOff', `Back-off pulling image "${image}": ErrImagePull: ${error.message}`);
          say.backOff();
        }
        await wait(error instanceof ImageError ? backOff : node.pace.configRetry);
      }
    }
    return null;
  };

  const live = async () => {
    await wait(node.pace.step);
    if (ending.signal.aborted) return;
    if (!pod.spec.nodeName && !schedule()) {
      await wait(FOREVER_MS);
      return;
    }
    await wait(node.pace.step);
    const launch = await preparing();
    if (launch === null || ending.signal.aborted) return;
    const { processes } = node;
    run = await runContainer({ pod, launch, logFile: files.log, processes, now, say, change });
    // Whoever ended it while its process was being started has not been heard yet.
    if (ending.signal.aborted) run?.terminate(graceSeconds);
    await run?.over;
  };

  /** A fault of the local cloud: said, and the pod has failed, so that nobody waits for it. */
  const fault = (error: unknown) => {
    const message = String(error);
    change((before) => ({
      ...before,
      status: { ...before.status, phase: 'Failed', reason: 'InternalError', message },
    }));
    cluster.say(`kubernetes: pod ${namespace}/${name}: ${error instanceof Error ? error.stack : error}`);
  };
  return {
    log: () => run?.log ?? null,
    stop(seconds) {
      graceSeconds = seconds;
      ending.abort();
      run?.terminate(seconds);
    },
    done: live().catch(fault),
  };
}
