import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode } from '../../../embedded/error-code.ts';
import type { Cluster } from '../cluster.ts';
import { keyOf, timestamp } from '../objects/metadata.ts';
import type { Pod } from '../objects/pod.ts';
import { createQueue } from '../queue.ts';
import { save } from '../store/lifecycle.ts';
import type { Log } from './log.ts';
import { withContainer } from './status.ts';
import { terminationMessage } from './termination.ts';
import { filesOf, type Node, startWorker, type Worker } from './worker.ts';

/** Runs the pods that are in the store, and makes the store say how they are. */
export type Kubelet = {
  /** The log of a pod that runs, to follow it; null when it does not. */
  liveLog(pod: Pod): Log | null;
  logFile(pod: Pod): string;
  /** Ends all pods as a node that shuts down does: SIGTERM, a few seconds, SIGKILL. */
  stop(): Promise<void>;
};

type Entry = { uid: string; worker: Worker; grace: number | null };

/**
 * Takes over what an earlier cloud left behind, as a node does after a crash: containers that ran are lost, and their pods
 * fail with exit code 255 and reason Unknown; pods whose container had not started are started now.
 */
export async function startKubelet(cluster: Cluster, node: Node): Promise<Kubelet> {
  const { store } = cluster;
  const entries = new Map<string, Entry>();
  const leaving = new Set<Promise<void>>();
  let isStopping = false;
  await afterCrash(cluster, node);

  const sync = (key: string) => {
    const [namespace, name = ''] = key.split('/');
    const pod = store.pods.get(namespace, name);
    const entry = entries.get(key);
    if (entry && entry.uid !== pod?.metadata.uid) {
      // Deleted by force: nobody waits for it any more, and a pod of the same name may be there already.
      if (entry.grace !== 0) entry.worker.stop(0);
      entry.grace = 0;
      return;
    }
    if (!pod) return;
    const { deletionTimestamp, deletionGracePeriodSeconds: grace = 0 } = pod.metadata;
    if (!entry) {
      const isOver = pod.status.phase === 'Succeeded' || pod.status.phase === 'Failed';
      if (deletionTimestamp !== undefined) finish(pod);
      else if (!isOver && !isStopping) begin(key, pod);
    } else if (deletionTimestamp !== undefined && entry.grace !== grace) {
      entry.grace = grace;
      entry.worker.stop(grace);
    }
  };

  const begin = (key: string, pod: Pod) => {
    const worker = startWorker(cluster, node, pod);
    entries.set(key, { uid: pod.metadata.uid, worker, grace: null });
    worker.done.then(() => {
      entries.delete(key);
      queue.add(key);
      if (!isHere(pod)) forget(pod.metadata.uid);
    });
  };

  const isHere = (pod: Pod) =>
    store.pods.get(pod.metadata.namespace, pod.metadata.name)?.metadata.uid === pod.metadata.uid;

  /** Nothing of it runs any more: its grace period is over, and what finalizers it has are others' to remove. */
  const finish = (pod: Pod) => {
    if (pod.metadata.deletionGracePeriodSeconds === 0 && pod.metadata.finalizers?.length) return;
    save(store.pods, { ...pod, metadata: { ...pod.metadata, deletionGracePeriodSeconds: 0 } });
  };

  const forget = (uid: string) => {
    const removal = removeFiles(cluster, node, uid).then(() => void leaving.delete(removal));
    leaving.add(removal);
  };

  const queue = createQueue(sync, cluster.say);
  const stopListening = store.pods.onChange(({ type, object }) => {
    queue.add(keyOf(object));
    const isRunning = entries.get(keyOf(object))?.uid === object.metadata.uid;
    if (type === 'DELETED' && !isRunning) forget(object.metadata.uid);
  });
  for (const pod of store.pods.list()) queue.add(keyOf(pod));

  return {
    liveLog: (pod) => {
      const entry = entries.get(keyOf(pod));
      return entry?.uid === pod.metadata.uid ? entry.worker.log() : null;
    },
    logFile: (pod) => filesOf(node.folder, pod.metadata.uid).log,
    async stop() {
      isStopping = true;
      for (const { worker } of entries.values()) worker.stop(node.pace.shutdownGrace / 1000);
      while (entries.size > 0) await Promise.all([...entries.values()].map(({ worker }) => worker.done));
      stopListening();
      queue.stop();
      await Promise.all(leaving);
    },
  };
}

async function afterCrash(cluster: Cluster, node: Node): Promise<void> {
  const { store } = cluster;
  for (const pod of store.pods.list()) {
    const state = pod.status.containerStatuses?.[0]?.state;
    if (state?.running === undefined) continue;
    const { log, termination } = filesOf(node.folder, pod.metadata.uid);
    const policy = pod.spec.containers[0]?.terminationMessagePolicy ?? 'File';
    const message = await terminationMessage({ file: termination, log, policy, exitCode: 255 });
    const terminated = {
      ...{ exitCode: 255, reason: 'Unknown', startedAt: state.running.startedAt, finishedAt: timestamp(cluster.now()) },
      ...(message === '' ? {} : { message }),
    };
    store.pods.put(withContainer(pod, { phase: 'Failed', state: { terminated }, now: cluster.now() }));
  }
  const known = new Set(store.pods.list().map(({ metadata }) => metadata.uid));
  for (const uid of await foldersIn(node.folder)) if (!known.has(uid)) await removeFiles(cluster, node, uid);
}

async function foldersIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}

async function removeFiles(cluster: Cluster, node: Node, uid: string): Promise<void> {
  await rm(join(node.folder, uid), { recursive: true, force: true }).catch((error: unknown) => {
    cluster.say(`kubernetes: the files of pod ${uid} could not be removed: ${error}`);
  });
}
