import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DescribeClusterCommand, EKSClient } from '@aws-sdk/client-eks';
import { DescribeDBInstancesCommand, RDSClient } from '@aws-sdk/client-rds';
import {
  GetBucketEncryptionCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { ListStateMachinesCommand, SFNClient } from '@aws-sdk/client-sfn';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { isAlive, killCloudProcesses, processesOf, startCloudProcess } from './cloud-process.ts';
import { clientOf } from './with-endpoint.ts';

const Bucket = 'carthub-db-carthub-000000000000-eu-west-1';
let data: string;

beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'carthub-db-cloud-'));
});
afterEach(killCloudProcesses);
afterAll(() => rm(data, { recursive: true }));

async function master(url: string) {
  const client = new SecretsManagerClient(clientOf(url));
  const { SecretString = '' } = await client.send(new GetSecretValueCommand({ SecretId: 'carthub-db/master' }));
  return JSON.parse(SecretString);
}

async function instance(url: string) {
  const found = await new RDSClient(clientOf(url)).send(
    new DescribeDBInstancesCommand({ DBInstanceIdentifier: 'carthub-db' }),
  );
  return found.DBInstances?.[0];
}

async function query(url: string, caFile: string, sql: string): Promise<unknown[]> {
  const { username: user, password, host, port, dbname: database } = await master(url);
  const client = new pg.Client({ user, password, host, port, database, ssl: { ca: await readFile(caFile) } });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

test('killed in the middle of its first start, at any step, the next start is whole', async () => {
  for (const step of ['S3 ready', 'Kubernetes ready', 'PostgreSQL ready']) {
    const killed = startCloudProcess(data);
    await killed.saying(step);
    killed.child.kill('SIGKILL');
    expect(await killed.ended).toBe('SIGKILL');
  }
  const cloud = startCloudProcess(data);
  const { endpoint } = await cloud.ready;
  expect(await instance(endpoint)).toMatchObject({ DBInstanceStatus: 'available' });
  cloud.child.stdin?.end();
  expect(await cloud.ended).toBe(0);
});

test('it comes up with everything that a migration works on, and with the same things at the next start', async () => {
  const first = startCloudProcess(data);
  const { endpoint: url, databaseCaFile, kubeconfig, pid } = await first.ready;
  expect(pid).toBe(first.child.pid);
  expect(JSON.parse(await readFile(join(data, 'cloud.json'), 'utf8'))).toMatchObject({
    pid,
    endpoint: url,
    kubeconfig,
  });
  const before = await instance(url);
  expect(before).toMatchObject({
    DBInstanceStatus: 'available',
    EngineVersion: '15.18',
    StorageEncrypted: true,
    BackupRetentionPeriod: 7,
    DBName: 'carthub',
    TagList: [{ Key: 'carthub-db:database', Value: 'carthub' }],
  });
  await query(url, databaseCaFile, 'create table kept (a int); insert into kept values (42)');
  const s3 = new S3Client(clientOf(url));
  expect((await s3.send(new GetBucketVersioningCommand({ Bucket }))).Status).toBe('Enabled');
  const encryption = await s3.send(new GetBucketEncryptionCommand({ Bucket }));
  expect(JSON.stringify(encryption.ServerSideEncryptionConfiguration)).toContain('aws:kms');
  await s3.send(new PutObjectCommand({ Bucket, Key: 'kept', Body: 'kept' }));
  const { cluster } = await new EKSClient(clientOf(url)).send(new DescribeClusterCommand({ name: 'carthub-eks' }));
  expect(cluster?.status).toBe('ACTIVE');
  const { stateMachines = [] } = await new SFNClient(clientOf(url)).send(new ListStateMachinesCommand({}));
  expect(stateMachines.map(({ name }) => name)).toContain('carthub-db-carthub-migrate');

  first.child.kill('SIGTERM');
  expect(await first.ended).toBe(0);
  expect([existsSync(join(data, 'cloud.json')), await processesOf(data)]).toEqual([false, []]);

  const second = startCloudProcess(data);
  expect((await second.ready).endpoint).toBe(url);
  expect((await instance(url))?.DbiResourceId).toBe(before?.DbiResourceId);
  expect(await query(url, databaseCaFile, 'select a from kept')).toEqual([{ a: 42 }]);
  const kept = await s3.send(new GetObjectCommand({ Bucket, Key: 'kept' }));
  expect(await kept.Body?.transformToString()).toBe('kept');
  second.child.stdin?.end();
  expect(await second.ended).toBe(0);
});

test('a second process on a live folder is refused and told who has it, and harms nothing; killed, the live one frees it', async () => {
  const live = startCloudProcess(data);
  const { endpoint, pid, databaseCaFile } = await live.ready;
  const second = startCloudProcess(data);
  expect(await second.ended).toBe(1);
  expect(second.said.join('\n')).toMatch(
    new RegExp(`Another local cloud runs on ${data}: process ${pid}, since .*, at ${endpoint}`),
  );
  expect(second.said.at(-1)).toContain('Remedy: ');
  expect(await query(endpoint, databaseCaFile, 'select a from kept')).toHaveLength(1);

  const children = await processesOf(data);
  expect(children.length).toBeGreaterThan(0);
  live.child.kill('SIGKILL');
  await live.ended;
  expect(children.filter(isAlive)).toEqual(children);
  const next = startCloudProcess(data);
  await next.ready;
  expect(next.said.join('\n')).toContain('that a killed cloud had left behind');
  expect(children.filter(isAlive)).toEqual([]);
  expect(await query(endpoint, databaseCaFile, 'select a from kept')).toHaveLength(1);
  next.child.stdin?.end();
  expect(await next.ended).toBe(0);
});

test('ports that others took are replaced, and the secret follows; one that was asked for is refused', async () => {
  const ports: Record<string, number> = JSON.parse(await readFile(join(data, 'ports.json'), 'utf8'));
  const holders = await Promise.all(
    Object.values(ports).map(async (port) => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
      return server;
    }),
  );
  try {
    const refused = startCloudProcess(data, { args: ['--port', `${ports.endpoint}`] });
    expect(await refused.ended).toBe(1);
    expect(refused.said.join('\n')).toContain(`Port ${ports.endpoint} is taken`);
    const cloud = startCloudProcess(data);
    const { endpoint, databaseCaFile } = await cloud.ready;
    expect(endpoint).not.toContain(`:${ports.endpoint}`);
    for (const port of Object.values(ports)) expect(cloud.said.join('\n')).toContain(`port ${port} of`);
    expect(await query(endpoint, databaseCaFile, 'select a from kept')).toHaveLength(1);
    cloud.child.stdin?.end();
    expect(await cloud.ended).toBe(0);
  } finally {
    for (const server of holders) server.close();
  }
});

test('told to stop while it starts it stops, and told twice it stops at once; neither leaves a process', async () => {
  const starting = startCloudProcess(data);
  await starting.saying('S3 ready');
  starting.child.kill('SIGINT');
  expect([await starting.ended, await processesOf(data)]).toEqual([130, []]);

  const cloud = startCloudProcess(data);
  await cloud.ready;
  cloud.child.kill('SIGINT');
  cloud.child.kill('SIGINT');
  expect([0, 130]).toContain(await cloud.ended);
  expect(await processesOf(data)).toEqual([]);
});

test('it ends with whoever started it, also when that one is killed', async () => {
  const starter = startCloudProcess(data, { under: true });
  const { pid } = await starter.ready;
  expect(pid).not.toBe(starter.child.pid);
  starter.child.kill('SIGKILL');
  while (isAlive(pid)) await new Promise(setImmediate);
  expect([existsSync(join(data, 'cloud.json')), await processesOf(data)]).toEqual([false, []]);
});

test('nobody else looks into the data', async () => {
  const mode = async (name: string) => (await stat(join(data, name))).mode & 0o777;
  expect(await mode('.')).toBe(process.getuid?.() === 0 ? 0o711 : 0o700);
  for (const name of ['s3', 'secrets', 'stepfunctions', 'kubernetes', 'logs'])
    expect([name, await mode(name)]).toEqual([name, 0o700]);
  expect(await mode('kubernetes/kubeconfig')).toBe(0o600);
  expect(await mode('tls/ca.key')).toBe(0o600);
});

test('wrong arguments and folders that cannot be used are refused with the remedy', async () => {
  const file = join(data, 'a-file');
  await writeFile(file, '');
  for (const [folder, args, message] of [
    [data, ['--port', 'x'], '--port x is not possible'],
    [data, ['--time-scale', '0'], '--time-scale 0 is not possible'],
    [data, ['--nonsense'], "Unknown option '--nonsense'"],
    [file, [], `The data folder ${file} cannot be made`],
  ] as const) {
    const cloud = startCloudProcess(folder, { args: [...args] });
    expect(await cloud.ended).toBe(1);
    expect(cloud.said.join('\n')).toContain(message);
    expect(cloud.said.join('\n')).toContain('Remedy: ');
  }
});
