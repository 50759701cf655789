import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { endOrphans, startTime } from '../../embedded/processes.ts';
import {
  type Client,
  EVENTS,
  is,
  isOver,
  isRunning,
  JOBS,
  jobOf,
  NAMESPACE,
  PODS,
  withKubernetes,
} from './with-kubernetes.ts';

const FOREVER = 'setInterval(() => undefined, 1000);';
let folder: string;
let children: ChildProcess[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'carthub-db-restart-'));
  children = [];
});

afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  await endOrphans(join(folder, 'processes'));
  await rm(folder, { recursive: true, force: true });
});

const start = <T>(use: (client: Client) => Promise<T>) => withKubernetes(use, { folder });

/** A cloud in a process of its own that makes a Job, and is killed when `lastWords` has seen enough of it. */
async function crash<T>(job: unknown, lastWords: (ask: Ask) => Promise<T>): Promise<T> {
  const at = (path: string) => JSON.stringify(new URL(`../../local/${path}`, import.meta.url).href);
  const script = `
    import { createKubernetes } from ${at('kubernetes/kubernetes.ts')};
    import { ensureTls } from ${at('certificates.ts')};
    const folder = ${JSON.stringify(folder)};
    const kubernetes = createKubernetes({
      folder: folder + '/kubernetes', processes: folder + '/processes', images: folder + '/images',
      tls: await ensureTls(folder + '/tls'), port: 0, clusterName: 'c', podEnv: () => ({}), credentials: () => null,
      now: () => new Date(),
    });
    await kubernetes.start();
    kubernetes.apply([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: '${NAMESPACE}' } }, ${JSON.stringify(job)}]);
    console.log(JSON.stringify({ url: kubernetes.url, kubeconfig: kubernetes.kubeconfig() }));`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  const { url, kubeconfig } = JSON.parse(line);
  const said = await lastWords(await asker(url, kubeconfig));
  child.kill('SIGKILL');
  await once(child, 'exit');
  return said;
}

/** Reads `path` line by line until `passes`. */
type Ask = (path: string, passes: (line: string) => boolean) => Promise<string>;

async function asker(url: string, kubeconfig: string): Promise<Ask> {
  const config = JSON.parse(await readFile(kubeconfig, 'utf8'));
  const ca = await readFile(config.clusters[0].cluster['certificate-authority']);
  const headers = { authorization: `Bearer ${config.users[0].user.token}` };
  return (path, passes) =>
    new Promise((resolve, reject) => {
      const sent = get(new URL(path, url), { ca, headers, agent: false }, (response) => {
        const lines = createInterface({ input: response });
        for (const source of [response, lines]) source.on('error', reject);
        lines.on('line', (line) => {
          if (!passes(line)) return;
          resolve(line);
          sent.destroy();
        });
      });
      sent.on('error', reject);
    });
}

test('objects, identities and the admin token outlive a restart', async () => {
  const before = await start(async ({ kubernetes, call }) => {
    const map = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'kept', namespace: NAMESPACE },
      data: { a: '1' },
    };
    kubernetes.apply([map]);
    return (await call('GET', `/api/v1/namespaces/${NAMESPACE}/configmaps/kept`)).body;
  });

  await start(async ({ call }) => {
    expect((await call('GET', `/api/v1/namespaces/${NAMESPACE}/configmaps/kept`)).body).toEqual(before);
    const list = await call('GET', '/api/v1/namespaces');
    expect(Number(list.body.metadata.resourceVersion)).toBeGreaterThan(Number(before.metadata.resourceVersion));
  });
});

test('a clean stop ends what runs, and the next start finds it Failed', async () => {
  const pid = await start(async ({ job, image, podOf }) => {
    await job({ name: 'cut', image: await image(`process.on('SIGTERM', () => process.exit(7)); ${FOREVER}`) });
    const { metadata } = await podOf('cut', isRunning);
    return Number(metadata.annotations['carthub-db.local/pid']);
  });
  expect(startTime(pid)).toBeNull();
  expect(await readdir(join(folder, 'processes'))).toEqual([]);

  await start(async ({ until, podOf }) => {
    const pod = await podOf('cut', isOver);
    expect(pod.status.containerStatuses[0].state.terminated.exitCode).toBeGreaterThan(0);
    expect((await until(JOBS, is('Failed'))).status.conditions.at(-1).reason).toBe('BackoffLimitExceeded');
  });
});

test('after a crash a pod that ran has failed as on a lost node, its process is ended, and its verdict is not lost', async () => {
  const script = `require('node:fs').writeFileSync(process.env.VERDICT, 'half done'); console.log('ready'); ${FOREVER}`;
  const image = await start((client) => client.image(script));
  const container = { env: [{ name: 'VERDICT', value: '/dev/termination-log' }] };
  const job = { ...jobOf({ name: 'lost', image, container }), metadata: { name: 'lost', namespace: NAMESPACE } };
  const pid = await crash(job, async (ask) => {
    const { metadata } = JSON.parse(
      await ask(`${PODS}?watch=true`, (line) => isRunning(JSON.parse(line).object)),
    ).object;
    await ask(`${PODS}/${metadata.name}/log?follow=true`, (line) => line === 'ready');
    return Number(metadata.annotations['carthub-db.local/pid']);
  });
  expect(startTime(pid)).not.toBeNull();

  expect(await endOrphans(join(folder, 'processes'))).toBe(1);
  expect(startTime(pid)).toBeNull();
  await start(async ({ until, podOf, call }) => {
    const pod = await podOf('lost', isOver);
    expect(pod.status.containerStatuses[0].state.terminated).toMatchObject({
      exitCode: 255,
      reason: 'Unknown',
      message: 'half done',
    });
    expect((await until(JOBS, is('Failed'))).status).toMatchObject({ failed: 1 });
    expect((await call('GET', `${PODS}/${pod.metadata.name}/log`)).text).toBe('ready\n');
    await call('DELETE', `${JOBS}/lost?propagationPolicy=Foreground`);
    await until(`${JOBS}?resourceVersion=${pod.metadata.resourceVersion}`, (_, type) => type === 'DELETED');
  });
  // What lay there of the pod went with it.
  expect(await readdir(join(folder, 'kubernetes', 'pods'))).toEqual([]);
});

test('after a crash a pod whose container had not started is tried again', async () => {
  const image = `carthub-db.local/runner@sha256:${'0'.repeat(64)}`;
  const job = { ...jobOf({ name: 'late', image }), metadata: { name: 'late', namespace: NAMESPACE } };
  await crash(job, (ask) => ask(`${PODS}?watch=true`, (line) => line.includes('ImagePullBackOff')));

  await start(async ({ until, podOf }) => {
    const pod = await podOf('late');
    await until(
      EVENTS,
      ({ reason, involvedObject }) => reason === 'BackOff' && involvedObject.uid === pod.metadata.uid,
    );
  });
});
