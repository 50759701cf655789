import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import {
  type Client,
  EVENTS,
  is,
  isOver,
  isRunning,
  JOBS,
  type JobOptions,
  type Json,
  NAMESPACE,
  PODS,
  withKubernetes,
} from './with-kubernetes.ts';

const FOREVER = 'setInterval(() => undefined, 1000);';
const stateOf = (pod: Json) => pod.status.containerStatuses[0].state;
const waits = (reason: string) => (pod: Json) => pod.status.containerStatuses?.[0]?.state.waiting?.reason === reason;
const pidOf = (pod: Json) => Number(pod.metadata.annotations['carthub-db.local/pid']);

/** What a program that prints JSON printed. */
async function printed(client: Client, options: JobOptions): Promise<Json> {
  await client.job(options);
  const pod = await client.podOf(options.name, isOver);
  return JSON.parse((await client.call('GET', `${PODS}/${pod.metadata.name}/log`)).text);
}

test('logs are told whole, from the end, up to a limit, with times, and on as they come', async () => {
  await withKubernetes(async (client) => {
    const script = `
      process.on('SIGTERM', () => { process.stdout.write('last'); process.exit(0); });
      console.log('one'); console.error('two'); console.log('three'); ${FOREVER}`;
    await client.job({ name: 'log', image: await client.image(script) });
    const pod = await client.podOf('log', isRunning);
    const log = async (query: string) => (await client.call('GET', `${PODS}/${pod.metadata.name}/log${query}`)).text;
    // Until everything is there.
    expect((await log('?follow=true&limitBytes=14')).split('\n').sort()).toEqual(['', 'one', 'three', 'two']);

    const following = log('?follow=true');
    expect((await log('?tailLines=1')).split('\n')).toHaveLength(2);
    expect(await log('?limitBytes=3')).toHaveLength(3);
    expect(await log('?timestamps=true&tailLines=1')).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z \w+\n$/);
    expect(await log('?sinceTime=2100-01-01T00:00:00Z')).toBe('');

    process.kill(pidOf(pod), 'SIGTERM');
    expect((await following).endsWith('last')).toBe(true);
    await client.podOf('log', isOver);
    expect(await log('?tailLines=0')).toBe('');
    expect(await log('')).toHaveLength(18);
  });
});

test('a log that cannot be is refused as the kubelet does', async () => {
  await withKubernetes(async (client) => {
    await client.job({ name: 'log', image: 'carthub-db.local/missing:1' });
    const pod = await client.podOf('log', waits('ImagePullBackOff'));
    const log = async (query: string, name = pod.metadata.name) => {
      const { status, body } = await client.call('GET', `${PODS}/${name}/log${query}`);
      return [status, body.message];
    };
    const name = pod.metadata.name;
    expect(await log('?container=other')).toEqual([400, `container other is not valid for pod ${name}`]);
    expect(await log('', 'nobody')).toEqual([404, 'pods "nobody" not found']);
    expect((await log('?tailLines=x'))[0]).toBe(400);
    const [status, message] = await log('');
    expect(status).toBe(400);
    expect(message).toMatch(/^container "main" in pod "log-\w+" is waiting to start: /);
  });
});

test('a malformed image is InvalidImageName, with events', async () => {
  await withKubernetes(async (client) => {
    await client.job({ name: 'bad', image: 'carthub-db.local/Runner:1' });

    const pod = await client.podOf('bad', waits('InvalidImageName'));

    expect(stateOf(pod).waiting.message).toContain("couldn't parse image name");
    await client.until(EVENTS, ({ reason, message }) => reason === 'Failed' && message === 'Error: InvalidImageName');
  });
});

test('an image that is not there is ErrImagePull, then ImagePullBackOff, and heals when it comes', async () => {
  await withKubernetes(async (client) => {
    const image = await client.image('console.log(1)');
    const folder = join(client.folder, 'images', image.slice(image.indexOf(':') + 1));
    const config = await readFile(join(folder, 'config.json'), 'utf8');
    await rm(join(folder, 'config.json'));
    await client.job({ name: 'late', image });

    const seen = await client.events(PODS, waits('ImagePullBackOff'));
    expect(seen.some(({ object }) => waits('ErrImagePull')(object))).toBe(true);
    expect(stateOf(seen.at(-1)?.object).waiting.message).toBe(
      `Back-off pulling image "${image}": ErrImagePull: rpc error: code = NotFound desc = failed to pull and unpack image "${image}": failed to resolve reference "${image}": ${image}: not found`,
    );
    for (const reason of ['Failed', 'BackOff']) await client.until(EVENTS, (event) => event.reason === reason);

    await writeFile(join(folder, 'config.json'), config);
    await client.until(JOBS, is('Complete'));
  });
});

test('an image by tag is found in tags.json; with policy Never a missing one is ErrImageNeverPull', async () => {
  await withKubernetes(async (client) => {
    const sha256 = (await client.image('')).split(':')[1];
    await mkdir(join(client.folder, 'images'), { recursive: true });
    const tags = { 'carthub-db.local/runner:7': sha256, 'carthub-db.local/runner:latest': sha256 };
    await writeFile(join(client.folder, 'images', 'tags.json'), JSON.stringify(tags));
    await client.job({ name: 'tagged', image: 'carthub-db.local/runner:7' });
    await client.job({ name: 'latest', image: 'carthub-db.local/runner' });
    for (const name of ['tagged', 'latest'])
      await client.until(`${JOBS}?fieldSelector=metadata.name=${name}`, is('Complete'));

    await client.job({ name: 'never', image: 'carthub-db.local/runner:8', container: { imagePullPolicy: 'Never' } });
    await client.podOf('never', waits('ErrImageNeverPull'));
  });
});

test('a Secret or ConfigMap that is not there is CreateContainerConfigError, and heals when it comes', async () => {
  await withKubernetes(async (client) => {
    const image = await client.image('');
    const from = (kind: string) => ({ env: [{ name: 'A', valueFrom: { [kind]: { name: 'settings', key: 'a' } } }] });
    await client.job({ name: 'secret', image, container: from('secretKeyRef') });
    const pod = await client.podOf('secret', waits('CreateContainerConfigError'));
    expect(stateOf(pod).waiting.message).toBe('secret "settings" not found');

    await client.job({ name: 'map', image, container: from('configMapKeyRef') });
    await client.podOf('map', waits('CreateContainerConfigError'));
    const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' }, data: {} };
    const url = `/api/v1/namespaces/${NAMESPACE}/configmaps`;
    await client.call('POST', url, { body: map });
    const missing = `couldn't find key a in ConfigMap ${NAMESPACE}/settings`;
    await client.podOf('map', (each) => stateOf(each).waiting?.message === missing);
    await client.call('PUT', `${url}/settings`, { body: { ...map, data: { a: '1' } } });
    await client.until(`${JOBS}?fieldSelector=metadata.name=map`, is('Complete'));
  });
});

test('a container that may not be root and is told to be is CreateContainerConfigError', async () => {
  await withKubernetes(async (client) => {
    const pod = { securityContext: { runAsNonRoot: true, runAsUser: 0 } };
    await client.job({ name: 'root', image: await client.image(''), pod });

    const found = await client.podOf('root', waits('CreateContainerConfigError'));

    expect(stateOf(found).waiting.message).toBe("container's runAsUser breaks non-root policy");
  });
});

test('a ConfigMap is mounted as files', async () => {
  await withKubernetes(async (client) => {
    const data = { 'a.txt': 'A' };
    const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' }, data };
    await client.call('POST', `/api/v1/namespaces/${NAMESPACE}/configmaps`, { body: map });
    const script = "console.log(JSON.stringify(require('node:fs').readFileSync(process.argv[2], 'utf8')))";
    const seen = await printed(client, {
      name: 'mounted',
      image: await client.image(script),
      container: { args: ['/etc/settings/a.txt'], volumeMounts: [{ name: 'settings', mountPath: '/etc/settings' }] },
      pod: { volumes: [{ name: 'settings', configMap: { name: 'settings' } }] },
    });
    expect(seen).toBe('A');
  });
});

test('a pod that no node can take is Unschedulable until it is deleted', async () => {
  await withKubernetes(async (client) => {
    await client.job({ name: 'far', pod: { nodeSelector: { disk: 'ssd' } } });

    const found = await client.podOf('far', ({ status }) => status.conditions?.[0]?.reason === 'Unschedulable');

    expect(found.status).toMatchObject({ phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False' }] });
    await client.until(EVENTS, ({ reason }) => reason === 'FailedScheduling');
    await client.call('DELETE', `${JOBS}/far?propagationPolicy=Foreground`);
    await client.until(`${JOBS}?resourceVersion=${found.metadata.resourceVersion}`, (_, type) => type === 'DELETED');
  });
});
