import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Tls } from '../certificates.ts';
import { applyObject } from './api/apply.ts';
import type { Disturbance } from './api/disturbance.ts';
import { type ApiServer, startApiServer } from './api/server.ts';
import { createAuthenticator } from './auth/authenticate.ts';
import { adminToken, writeKubeconfig } from './auth/kubeconfig.ts';
import type { Principal } from './auth/token.ts';
import { type Cluster, type Pace, REAL_PACE } from './cluster.ts';
import { createRecorder } from './events.ts';
import { startGarbageCollector } from './garbage.ts';
import { startJobController } from './jobs/controller.ts';
import { startNamespaces } from './namespaces.ts';
import { startKubelet } from './pods/kubelet.ts';
import { openStore } from './store/store.ts';

export type { Principal } from './auth/token.ts';

export type KubernetesOptions = {
  /** Its own folder: objects, pods' files, kubeconfig. */
  folder: string;
  /** Where pods' processes are written down; the caller ends the orphans in it before `start`. */
  processes: string;
  /** The container images: one folder a digest, and `tags.json`. */
  images: string;
  tls: Tls;
  /** 0 chooses a free one. */
  port: number;
  /** The name of the EKS cluster that it is; tokens are made for it. */
  clusterName: string;
  /** The variables that every pod gets, as EKS Pod Identity and the VPC would give them: endpoint, region, credentials. */
  podEnv: () => Record<string, string>;
  /** Who holds an access key, and in which groups the cluster's access entry puts them. */
  credentials: (accessKeyId: string) => Principal | null;
  /** The local cloud's own endpoint, whose STS `aws eks get-token` signs for when AWS_ENDPOINT_URL names it. */
  endpoint?: () => string;
  /** Faults and call log of the endpoint, to have the same here. */
  disturbance?: Disturbance;
  now: () => Date;
  /** One line for a person. */
  say?: (line: string) => void;
  pace?: Partial<Pace>;
};

export type Kubernetes = {
  start(): Promise<void>;
  /** Ends all pods, then everything else. */
  stop(): Promise<void>;
  /** `https://127.0.0.1:PORT`, once it is started. */
  readonly url: string;
  /** Creates each object, or makes the one that is there like it, as an admin would with `kubectl apply`. */
  apply(objects: unknown[]): void;
  /** The file for `KUBECONFIG`, with a token that may do everything. */
  kubeconfig(): string;
};

/**
 * The Kubernetes of the local cloud: API server, Job controller, garbage collector and one node, whose pods are processes of
 * this machine. Objects are kept over restarts. After a crash it comes back as a cluster whose node was lost: what ran has
 * failed (exit code 255), so that nobody is told of a success, nor finds a Job gone that has to be reckoned with.
 */
export function createKubernetes(options: KubernetesOptions): Kubernetes {
  const { folder, now, say = () => undefined } = options;
  const pace = { ...REAL_PACE, ...options.pace };
  let running: { cluster: Cluster; server: ApiServer; kubeconfig: string; stop(): Promise<void> } | null = null;
  const started = () => {
    if (running === null) throw new Error('The local Kubernetes is not started.');
    return running;
  };
  return {
    async start() {
      await mkdir(folder, { recursive: true });
      const store = openStore(join(folder, 'objects'), now);
      const cluster = { store, now, say, record: createRecorder(store, now) };
      const { processes, images, podEnv, tls, port, clusterName } = options;
      const kubelet = await startKubelet(cluster, { folder: join(folder, 'pods'), processes, images, podEnv, pace });
      const controllers = [startNamespaces(cluster), startGarbageCollector(cluster), startJobController(cluster, pace)];
      const token = await adminToken(folder);
      const authenticate = createAuthenticator({
        ...{ adminToken: token, cluster: clusterName, principal: options.credentials, now, say },
        endpoints: () => (options.endpoint === undefined ? [] : [options.endpoint()]),
      });
      const stopAll = async () => {
        for (const controller of controllers) controller.stop();
        await kubelet.stop();
      };
      try {
        const server = await startApiServer({
          ...{ cluster, kubelet, authenticate, tls, port },
          disturbance: options.disturbance,
        });
        const kubeconfig = await writeKubeconfig({ folder, url: server.url, caFile: tls.caFile, token, clusterName });
        running = { cluster, server, kubeconfig, stop: stopAll };
      } catch (error) {
        await stopAll();
        throw error;
      }
    },
    async stop() {
      if (running === null) return;
      const { server, stop } = running;
      running = null;
      await server.close();
      await stop();
    },
    get url() {
      return started().server.url;
    },
    apply(objects) {
      for (const object of objects) applyObject(started().cluster, object);
    },
    kubeconfig: () => started().kubeconfig,
  };
}
