import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { type Client, isRunning, JOBS, jobOf, NAMESPACE, withKubernetes } from './with-kubernetes.ts';

const run = promisify(execFile);
const MANIFESTS = new URL('../../k8s', import.meta.url).pathname;

/** Null when this machine has none; the tests then say so in their names and promise nothing. */
const VERSION = version();
const withIt = VERSION === null ? '(kubectl is not on PATH: not tried) ' : '';

function version(): string | null {
  try {
    return execFileSync('kubectl', ['version', '--client'], { encoding: 'utf8' });
  } catch {
    return null;
  }
}

type Kubectl = (...args: string[]) => Promise<{ ok: boolean; stdout: string; stderr: string }>;

function kubectlTest(name: string, body: (kubectl: Kubectl, client: Client) => Promise<void>): void {
  test(`${withIt}${name}`, async () => {
    if (VERSION === null) return;
    await withKubernetes(async (client) => {
      const env = { ...process.env, KUBECONFIG: client.kubernetes.kubeconfig(), HOME: client.folder };
      const kubectl: Kubectl = (...args) =>
        run('kubectl', args, { env, timeout: 60_000 }).then(
          ({ stdout, stderr }) => ({ ok: true, stdout, stderr }),
          ({ stdout, stderr, message }) => ({ ok: false, stdout: `${stdout}`, stderr: `${stderr || message}` }),
        );
      await body(kubectl, client);
    });
  });
}

async function write(client: Client, name: string, object: unknown): Promise<string> {
  const file = join(client.folder, `${name}.json`);
  await writeFile(file, JSON.stringify(object));
  return file;
}

kubectlTest('kubectl apply -k applies our manifests, and finds them unchanged the next time', async (kubectl) => {
  const first = await kubectl('apply', '-k', MANIFESTS);
  expect(first).toMatchObject({ ok: true, stderr: '' });
  expect(first.stdout).toContain('serviceaccount/database-migration created');

  const second = await kubectl('apply', '-k', MANIFESTS);
  expect(second.ok).toBe(true);
  expect(
    second.stdout
      .trim()
      .split('\n')
      .filter((line) => !line.endsWith(' unchanged')),
  ).toEqual([]);
});

kubectlTest('kubectl runs a Job: apply, wait, logs, get, describe, delete', async (kubectl, client) => {
  const image = await client.image('console.log("hello"); console.log("world")');
  const file = await write(client, 'job', {
    ...jobOf({ name: 'greet', image }),
    metadata: { name: 'greet', namespace: NAMESPACE },
  });
  const at = ['-n', NAMESPACE];

  expect((await kubectl('apply', '--dry-run=server', '-f', file)).stdout).toContain('greet created (server dry run)');
  expect((await kubectl('apply', '-f', file)).stdout).toBe('job.batch/greet created\n');
  const waited = await kubectl(...at, 'wait', '--for=condition=complete', 'job/greet', '--timeout=30s');
  expect(waited).toMatchObject({ ok: true, stdout: 'job.batch/greet condition met\n' });
  expect((await kubectl(...at, 'logs', 'job/greet')).stdout).toBe('hello\nworld\n');
  expect((await kubectl(...at, 'logs', '-l', 'job-name=greet', '--tail=1')).stdout).toBe('world\n');
  expect((await kubectl(...at, 'get', 'jobs')).stdout).toMatch(/NAME +STATUS +COMPLETIONS.*\ngreet +Complete +1\/1 /);
  const described = await kubectl(...at, 'describe', 'job', 'greet');
  expect(described).toMatchObject({ ok: true, stderr: '' });
  expect(described.stdout).toMatch(/SuccessfulCreate.*job-controller +Created pod: greet-/);
  const pod = await kubectl(...at, 'describe', 'pod', '-l', 'job-name=greet');
  expect(pod.stdout).toMatch(/Reason: +Completed[\s\S]*Started container main/);
  expect((await kubectl('apply', '-f', file)).stdout).toBe('job.batch/greet unchanged\n');
  expect((await kubectl(...at, 'delete', 'job', 'greet')).stdout).toBe('job.batch "greet" deleted\n');
  expect((await kubectl(...at, 'get', 'pods')).stderr).toContain('No resources found');
});

kubectlTest('kubectl create, label, annotate and patch do what they do elsewhere', async (kubectl, client) => {
  const image = await client.image('setInterval(() => undefined, 1000)');
  const file = await write(client, 'job', jobOf({ name: 'held', image, spec: { suspend: true } }));
  const at = ['-n', NAMESPACE];

  expect((await kubectl(...at, 'create', '-f', file)).stdout).toBe('job.batch/held created\n');
  expect((await kubectl(...at, 'create', '-f', file)).stderr).toContain('jobs.batch "held" already exists');
  expect((await kubectl(...at, 'label', 'job', 'held', 'a=b')).ok).toBe(true);
  expect((await kubectl(...at, 'annotate', 'job', 'held', 'c=d')).ok).toBe(true);
  expect((await kubectl(...at, 'patch', 'job', 'held', '-p', '{"spec":{"suspend":false}}')).ok).toBe(true);
  await client.podOf('held', isRunning);
  expect((await client.call('GET', `${JOBS}/held`)).body.metadata).toMatchObject({
    labels: { a: 'b' },
    annotations: { c: 'd' },
  });
  expect((await kubectl(...at, 'delete', 'pod', '-l', 'job-name=held', '--grace-period=0', '--force')).ok).toBe(true);
  expect((await kubectl(...at, 'wait', '--for=condition=failed', 'job/held', '--timeout=30s')).ok).toBe(true);
});

kubectlTest(
  'kubectl apply is told of a field that does not exist, and of one that cannot change',
  async (kubectl, client) => {
    const typo = await write(client, 'typo', jobOf({ name: 'typo', spec: { backOffLimit: 1 } }));
    const at = ['-n', NAMESPACE];
    expect((await kubectl(...at, 'apply', '-f', typo)).stderr).toContain('unknown field "spec.backOffLimit"');
    expect((await kubectl(...at, 'apply', '--validate=warn', '-f', typo)).stderr).toContain('Warning: unknown field');

    const changed = await write(client, 'changed', jobOf({ name: 'typo', container: { args: ['x'] } }));
    expect((await kubectl(...at, 'apply', '-f', changed)).stderr).toContain('field is immutable');
  },
);

kubectlTest('kubectl follows the log of a Job until its end', async (_, client) => {
  const script = `
    process.on('SIGTERM', () => { console.log('two'); process.exit(0); });
    console.log('one'); setInterval(() => 0, 1000);`;
  await client.job({ name: 'talk', image: await client.image(script) });
  const { metadata } = await client.podOf('talk', isRunning);

  const env = { ...process.env, KUBECONFIG: client.kubernetes.kubeconfig(), HOME: client.folder };
  const following = spawn('kubectl', ['-n', NAMESPACE, 'logs', '-f', 'job/talk'], {
    env,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let said = '';
  following.stdout.setEncoding('utf8').on('data', (text: string) => {
    if (said === '') process.kill(Number(metadata.annotations['carthub-db.local/pid']), 'SIGTERM');
    said += text;
  });

  expect((await once(following, 'close'))[0]).toBe(0);
  expect(said).toBe('one\ntwo\n');
});

kubectlTest('kubectl gets plain words for what the local cloud has not', async (kubectl) => {
  expect((await kubectl('get', 'deployments')).stderr).toContain(
    'the server doesn\'t have a resource type "deployments"',
  );
  const job = await kubectl('create', 'job', 'x', '--image=y');
  expect(job.stderr).toContain('write a manifest and use kubectl apply -f');
});
