import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ensureTls } from '../../local/certificates.ts';
import type { Disturbance } from '../../local/kubernetes/api/disturbance.ts';
import type { Pace } from '../../local/kubernetes/cluster.ts';
import { createKubernetes, type Kubernetes, type Principal } from '../../local/kubernetes/kubernetes.ts';

export const CLUSTER = 'carthub-eks';
export const NAMESPACE = 'shop';

/** Keys of a person without an access entry, of one with rights, and of temporary credentials. */
export const PRINCIPALS: Record<string, Principal> = {
  AKIAOPS: principal('arn:aws:iam::000000000000:user/ops', ['carthub-db-ops'], null),
  AKIANOBODY: principal('arn:aws:iam::000000000000:user/nobody', null, null),
  ASIATEMP: principal('arn:aws:sts::000000000000:assumed-role/fn/x', ['carthub-db-ops'], 'session-token'),
};

function principal(arn: string, groups: string[] | null, sessionToken: string | null): Principal {
  return { secretAccessKey: 'a secret', arn, groups, sessionToken };
}

// biome-ignore lint/suspicious/noExplicitAny: tests look at answers of every shape
export type Json = any;
export type Answer = { status: number; body: Json; text: string; warnings: string[] };
type CallOptions = { body?: unknown; token?: string | null; headers?: Record<string, string> };

export type Client = {
  folder: string;
  kubernetes: Kubernetes;
  /** What the server said to a person. */
  said: string[];
  /** As the admin, unless a token is given; null for none. */
  call(method: string, path: string, options?: CallOptions): Promise<Answer>;
  /** The first object of a watch on `path` that passes; waits for as long as a test may take. */
  until(path: string, passes: (object: Json, type: string) => boolean): Promise<Json>;
  /** Every event of a watch from now until one passes. */
  events(path: string, last: (object: Json, type: string) => boolean): Promise<{ type: string; object: Json }[]>;
  /** Makes an image whose program is `script` (CommonJS). Returns its reference. */
  image(script: string, config?: Record<string, unknown>): Promise<string>;
  /** Creates a Job of one container and returns it. */
  job(spec: JobOptions): Promise<Json>;
  /** The Job's only pod, as soon as it passes. */
  podOf(name: string, passes?: (pod: Json) => boolean): Promise<Json>;
};

export type JobOptions = {
  name: string;
  image?: string;
  container?: Record<string, unknown>;
  spec?: Record<string, unknown>;
  /** Fields of the pod's spec. */
  pod?: Record<string, unknown>;
  /** Of the pod. */
  labels?: Record<string, string>;
};

export const JOBS = `/apis/batch/v1/namespaces/${NAMESPACE}/jobs`;
export const PODS = `/api/v1/namespaces/${NAMESPACE}/pods`;
export const EVENTS = `/api/v1/namespaces/${NAMESPACE}/events`;

/** Short waits where the real ones only make a test slow. */
const PACE: Partial<Pace> = { step: 1, backOffNotice: 20, imageBackOff: 50, configRetry: 50, podBackOff: 50 };

/** Lends `use` a Kubernetes of its own with the namespace `shop`, and a client for it. */
export async function withKubernetes<T>(
  use: (client: Client) => Promise<T>,
  options: {
    pace?: Partial<Pace>;
    folder?: string;
    now?: () => Date;
    endpoint?: () => string;
    disturbance?: Disturbance;
  } = {},
): Promise<T> {
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'carthub-db-kubernetes-')));
  const said: string[] = [];
  const kubernetes = createKubernetes({
    folder: join(folder, 'kubernetes'),
    processes: join(folder, 'processes'),
    images: join(folder, 'images'),
    tls: await ensureTls(join(folder, 'tls')),
    port: 0,
    clusterName: CLUSTER,
    podEnv: () => ({ AWS_REGION: 'eu-west-1' }),
    credentials: (key) => PRINCIPALS[key] ?? null,
    now: options.now ?? (() => new Date()),
    say: (line) => said.push(line),
    pace: { ...PACE, ...options.pace },
    ...(options.endpoint ? { endpoint: options.endpoint } : {}),
    ...(options.disturbance ? { disturbance: options.disturbance } : {}),
  });
  await kubernetes.start();
  const agent = new Agent({ ca: await readFile(join(folder, 'tls', 'ca.crt')), keepAlive: true });
  try {
    kubernetes.apply([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } }]);
    const config = JSON.parse(await readFile(kubernetes.kubeconfig(), 'utf8'));
    return await use(clientFor({ folder, kubernetes, said, agent, admin: config.users[0].user.token }));
  } finally {
    await kubernetes.stop();
    agent.destroy();
    if (options.folder === undefined) await rm(folder, { recursive: true, force: true });
  }
}

function clientFor(options: {
  folder: string;
  kubernetes: Kubernetes;
  said: string[];
  agent: Agent;
  admin: string;
}): Client {
  const { folder, kubernetes, said, agent, admin } = options;
  const open = (method: string, path: string, { body, token = admin, headers = {} }: CallOptions) => {
    const text = typeof body === 'string' ? body : body === undefined ? undefined : JSON.stringify(body);
    const sent = request(new URL(path, kubernetes.url), {
      method,
      agent,
      headers: {
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        // Without a length Node sends the body of a DELETE as if it had none.
        ...(text === undefined
          ? {}
          : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
        ...headers,
      },
    });
    sent.end(text);
    return sent;
  };
  const call: Client['call'] = (method, path, callOptions = {}) =>
    new Promise((resolve, reject) => {
      const sent = open(method, path, callOptions);
      sent.once('error', reject);
      sent.once('response', (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          // A watch that saw nothing is no JSON.
          const isJson = response.headers['content-type'] === 'application/json' && text !== '';
          const warnings = response.headersDistinct.warning ?? [];
          resolve({ status: response.statusCode ?? 0, body: isJson ? JSON.parse(text) : text, text, warnings });
        });
      });
    });
  const events: Client['events'] = (path, last) =>
    new Promise((resolve, reject) => {
      const seen: { type: string; object: Json }[] = [];
      const sent = open('GET', `${path}${path.includes('?') ? '&' : '?'}watch=true`, {});
      const gaveUp = () => reject(new Error(`never seen on ${path}; last: ${JSON.stringify(seen.at(-1), null, 1)}`));
      const timer = setTimeout(() => sent.destroy(), 30_000);
      sent.once('error', gaveUp);
      sent.once('close', () => {
        clearTimeout(timer);
        gaveUp();
      });
      sent.once('response', (response) => {
        response.on('error', gaveUp);
        const lines = createInterface({ input: response });
        lines.on('error', gaveUp);
        lines.on('line', (line) => {
          const event = JSON.parse(line);
          seen.push(event);
          if (!last(event.object, event.type)) return;
          resolve(seen);
          sent.destroy();
        });
      });
    });
  const until: Client['until'] = async (path, passes) => (await events(path, passes)).at(-1)?.object;
  return {
    ...{ folder, kubernetes, said, call, events, until },
    async image(script, config = {}) {
      const sha256 = createHash('sha256').update(script).update(JSON.stringify(config)).digest('hex');
      const at = join(folder, 'images', sha256);
      await mkdir(at, { recursive: true });
      await writeFile(join(at, 'main.cjs'), script);
      await writeFile(join(at, 'config.json'), JSON.stringify({ entrypoint: ['node', 'main.cjs'], ...config }));
      return `carthub-db.local/runner@sha256:${sha256}`;
    },
    async job(wanted) {
      const made = await call('POST', JOBS, { body: jobOf(wanted) });
      if (made.status !== 201) throw new Error(made.text);
      return made.body;
    },
    podOf: (name, passes = () => true) => until(`${PODS}?labelSelector=job-name=${name}`, passes),
  };
}

/** The manifest of a Job of one container. */
export function jobOf({ name, image = 'carthub-db.local/none:1', container, spec, pod, labels }: JobOptions): Json {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name },
    spec: {
      backoffLimit: 0,
      ...spec,
      template: {
        metadata: { labels },
        spec: { restartPolicy: 'Never', containers: [{ name: 'main', image, ...container }], ...pod },
      },
    },
  };
}

export function is(type: string): (job: Json) => boolean {
  return (job) => job.status.conditions?.some((each: Json) => each.type === type && each.status === 'True') ?? false;
}

export const isOver = (pod: Json): boolean => ['Succeeded', 'Failed'].includes(pod.status.phase);
export const isRunning = (pod: Json): boolean => pod.status.phase === 'Running';
