import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { startTime } from '../../embedded/processes.ts';
import {
  type Client,
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
const pidOf = (pod: Json) => Number(pod.metadata.annotations['carthub-db.local/pid']);

/** What a program that prints JSON printed. */
async function printed(client: Client, options: JobOptions): Promise<Json> {
  await client.job(options);
  const pod = await client.podOf(options.name, isOver);
  return JSON.parse((await client.call('GET', `${PODS}/${pod.metadata.name}/log`)).text);
}

test('a container gets the variables of its image, its cloud and its spec, and nothing of ours', async () => {
  await withKubernetes(async (client) => {
    process.env.CARTHUB_TEST_LEAK = 'leaked';
    const config = { env: { FROM_IMAGE: 'image', AWS_REGION: 'image', BOTH: 'image' } };
    const image = await client.image('console.log(JSON.stringify(process.env))', config);
    const field = (fieldPath: string) => ({ valueFrom: { fieldRef: { fieldPath } } });
    const env = [
      { name: 'BOTH', value: 'spec' },
      { name: 'COMBINED', value: '$(BOTH)-$(NOBODY)-$$(BOTH)' },
      { name: 'POD', ...field('metadata.name') },
      { name: 'WHERE', ...field('metadata.namespace') },
      { name: 'APP', ...field("metadata.labels['app']") },
      { name: 'WHO', ...field('spec.serviceAccountName') },
    ];

    const seen = await printed(client, { name: 'env', image, container: { env }, labels: { app: 'x' } });

    expect(seen).toMatchObject({
      ...{ FROM_IMAGE: 'image', AWS_REGION: 'eu-west-1', BOTH: 'spec', COMBINED: 'spec-$(NOBODY)-$(BOTH)' },
      ...{ POD: expect.stringMatching(/^env-[a-z0-9]{5}$/), WHERE: NAMESPACE, APP: 'x', WHO: 'default' },
    });
    expect(seen.CARTHUB_TEST_LEAK).toBeUndefined();
    delete process.env.CARTHUB_TEST_LEAK;
  });
});

test.each([
  ['nothing', {}, ['default']],
  ['args', { args: ['a', '$(NAME)'] }, ['a', 'n']],
  ['command and args', { command: ['node', 'main.cjs', 'c'], args: ['a'] }, ['c', 'a']],
])('with %s given, a container runs what Kubernetes would run, in the image folder', async (_, given, expected) => {
  await withKubernetes(async (client) => {
    const script = 'console.log(JSON.stringify([process.argv.slice(2), process.cwd(), process.version]))';
    const image = await client.image(script, { cmd: ['default'] });

    const [args, cwd, version] = await printed(client, {
      name: 'run',
      image,
      container: { env: [{ name: 'NAME', value: 'n' }], ...given },
    });

    expect(args).toEqual(expected);
    expect(cwd).toBe(join(client.folder, 'images', image.slice(image.indexOf(':') + 1)));
    expect(version).toBe(process.version);
  });
});

test('paths below a mount and the termination message lie in a folder of the pod, and in its spec as they were', async () => {
  await withKubernetes(async (client) => {
    const script = `
      const fs = require('node:fs');
      fs.writeFileSync(process.env.OUT + '/x', process.argv[2]);
      console.log(JSON.stringify([process.env.OUT, process.argv[2], require('node:os').tmpdir(), process.env.ELSEWHERE]));
      fs.writeFileSync(process.env.VERDICT, 'verdict');`;
    const env = [
      { name: 'OUT', value: '/tmp' },
      { name: 'VERDICT', value: '/dev/verdict' },
      { name: 'ELSEWHERE', value: '/tmpfile' },
    ];
    const container = {
      ...{ env, args: ['/tmp/sub/file'], terminationMessagePath: '/dev/verdict' },
      volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
    };
    const pod = { volumes: [{ name: 'tmp', emptyDir: {} }] };
    const image = await client.image(script);
    const [out, arg, temporary, elsewhere] = await printed(client, {
      name: 'files',
      image,
      container,
      pod,
    });

    const ended = await client.podOf('files');
    const root = join(client.folder, 'kubernetes', 'pods', ended.metadata.uid);
    expect([out, arg, temporary, elsewhere]).toEqual([
      join(root, 'volumes', 'tmp'),
      join(root, 'volumes', 'tmp', 'sub', 'file'),
      join(root, 'volumes', 'tmp'),
      '/tmpfile',
    ]);
    expect(stateOf(ended).terminated.message).toBe('verdict');
    expect(ended.spec.containers[0].env[0].value).toBe('/tmp');
  });
});

test('of a long termination message the last 4,096 bytes are kept', async () => {
  await withKubernetes(async (client) => {
    const script = `require('node:fs').writeFileSync(process.env.M, 'a'.repeat(1000) + 'b'.repeat(4096));`;
    const container = { env: [{ name: 'M', value: '/dev/termination-log' }] };
    await client.job({ name: 'long', image: await client.image(script), container });

    const pod = await client.podOf('long', isOver);

    expect(stateOf(pod).terminated.message).toBe('b'.repeat(4096));
  });
});

test.each([
  ['File', 1, undefined],
  ['FallbackToLogsOnError', 0, undefined],
  ['FallbackToLogsOnError', 1, Array.from({ length: 80 }, (_, i) => `line ${i + 20}\n`).join('')],
])(
  'a silent container with policy %s and exit code %i leaves the end of its log or nothing',
  async (policy, code, message) => {
    await withKubernetes(async (client) => {
      const script = `for (let i = 0; i < 100; i += 1) console.log('line ' + i); process.exitCode = ${code};`;
      await client.job({
        name: 'silent',
        image: await client.image(script),
        container: { terminationMessagePolicy: policy },
      });

      const pod = await client.podOf('silent', isOver);

      expect(stateOf(pod).terminated.message).toBe(message);
    });
  },
);

test.each([
  ['process.exit(0)', 0, 'Completed', 'Succeeded'],
  ['process.exit(42)', 42, 'Error', 'Failed'],
  ["process.kill(process.pid, 'SIGKILL'); setInterval(() => undefined, 1000)", 137, 'Error', 'Failed'],
])('a container that does %s has exit code %i', async (script, exitCode, reason, phase) => {
  await withKubernetes(async (client) => {
    await client.job({ name: 'end', image: await client.image(script) });

    const pod = await client.podOf('end', isOver);

    expect(pod.status.phase).toBe(phase);
    expect(stateOf(pod).terminated).toMatchObject({ exitCode, reason });
    expect(Date.parse(stateOf(pod).terminated.finishedAt)).toBeGreaterThanOrEqual(
      Date.parse(stateOf(pod).terminated.startedAt),
    );
  });
});

test('a program that is not there is a StartError', async () => {
  await withKubernetes(async (client) => {
    await client.job({ name: 'none', image: await client.image(''), container: { command: ['no-such-program'] } });

    const pod = await client.podOf('none', isOver);

    expect(stateOf(pod).terminated).toMatchObject({ exitCode: 128, reason: 'StartError' });
    expect(stateOf(pod).terminated.message).toContain('exec: "no-such-program": executable file not found in $PATH');
    await client.until(JOBS, is('Failed'));
  });
});

test('a stopped container outlasts its grace period and no longer, with all that it started', async () => {
  await withKubernetes(async (client) => {
    const script = `
      const child = require('node:child_process').spawn('sleep', ['60'], { stdio: 'ignore' });
      console.log(child.pid); ${FOREVER}`;
    await client.job({ name: 'zombie', image: await client.image(script) });
    const pod = await client.podOf('zombie', isRunning);
    const child = Number(await firstLine(client, pod));
    process.kill(pidOf(pod), 'SIGSTOP');

    const asked = Date.now();
    await client.call('DELETE', `${PODS}/${pod.metadata.name}?gracePeriodSeconds=1`);
    const last = await client.until(
      `${PODS}?resourceVersion=${pod.metadata.resourceVersion}`,
      (_, type) => type === 'DELETED',
    );

    expect(Date.now() - asked).toBeGreaterThan(900);
    expect(stateOf(last).terminated.exitCode).toBe(137);
    for (const pid of [pidOf(pod), child]) expect(startTime(pid)).toBeNull();
  });
});

test('what a program started does not outlive it, nor keep its log open', async () => {
  await withKubernetes(async (client) => {
    const script = `
      const child = require('node:child_process').spawn('sleep', ['60'], { stdio: 'inherit' });
      console.log(child.pid); child.unref(); process.exit(0);`;
    await client.job({ name: 'parent', image: await client.image(script) });
    const pod = await client.podOf('parent', isOver);

    const { text } = await client.call('GET', `${PODS}/${pod.metadata.name}/log`);
    expect(startTime(Number(text))).toBeNull();
  });
});

async function firstLine(client: Client, pod: Json): Promise<string> {
  const { text } = await client.call('GET', `${PODS}/${pod.metadata.name}/log?follow=true&limitBytes=3`);
  return (text.length < 3 ? text : (await client.call('GET', `${PODS}/${pod.metadata.name}/log`)).text).trim();
}

test('a pod that is deleted by force is gone at once, and its process with it', async () => {
  await withKubernetes(async (client) => {
    await client.job({ name: 'force', image: await client.image(`process.on('SIGTERM', () => 0); ${FOREVER}`) });
    const pod = await client.podOf('force', (each) => isRunning(each) && !is('Failed')(each));

    await client.call('DELETE', `${PODS}/${pod.metadata.name}?gracePeriodSeconds=0`);
    await client.until(JOBS, is('Failed'));
    await client.kubernetes.stop();

    expect(() => process.kill(pidOf(pod), 0)).toThrow('ESRCH');
  });
});
