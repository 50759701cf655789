import { spawn } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { RDSClient } from '@aws-sdk/client-rds';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SFNClient } from '@aws-sdk/client-sfn';
import pg from 'pg';
import { parse } from 'yaml';
import * as z from 'zod/mini';
import type { Cloud } from '../../cli/local-cloud/description.ts';
import { type RunningCloud, startCloud } from '../../cli/local-cloud/start.ts';
import { createKubernetesClient, type KubernetesClient } from '../../lib/kubernetes/client.ts';
import { parseDatabaseSecret } from '../../lib/postgres/connect.ts';

const ROOT = resolve(import.meta.dirname, '../..');

/** A call as the local cloud logs it. */
const loggedCall = z.object({
  ...{ service: z.string(), operation: z.string(), by: z.nullable(z.string()) },
  ...{ input: z.record(z.string(), z.unknown()), at: z.string(), code: z.nullable(z.string()) },
});
export type LoggedCall = z.infer<typeof loggedCall>;

/** What `carthub-db` printed as JSON. */
const printed = z.looseObject({
  outcome: z.nullable(z.string()),
  version: z.nullable(z.object({ before: z.nullable(z.int()), after: z.nullable(z.int()) })),
  error: z.nullable(
    z.looseObject({
      name: z.string(),
      message: z.string(),
      remedy: z.nullable(z.string()),
      file: z.optional(z.nullable(z.string())),
      line: z.optional(z.nullable(z.int())),
      column: z.optional(z.nullable(z.int())),
      caret: z.optional(z.nullable(z.string())),
    }),
  ),
});

export type Result = { exit: number | null; json: z.infer<typeof printed>; stderr: string };

export type TestCloud = {
  data: string;
  cloud: Cloud;
  sfn: SFNClient;
  rds: RDSClient;
  secrets: SecretsManagerClient;
  kubernetes: KubernetesClient;
  /** Runs `carthub-db ARGUMENTS --local --data DATA --json` to its end. */
  cli(...args: string[]): Promise<Result>;
  /** Writes the files into a folder of their own, and migrates with it. */
  migrate(files: Record<string, string>, ...args: string[]): Promise<Result>;
  folder(files: Record<string, string>): Promise<string>;
  /** On the database as the application would be, by its own address and secret. */
  query<T extends pg.QueryResultRow>(sql: string, values?: unknown[]): Promise<T[]>;
  /** A session of the application's, for whoever ends it. */
  session(): Promise<pg.Client>;
  /** The text of an object of the bucket, null when there is none. */
  text(key: string): Promise<string | null>;
  /** A document of the bucket, null when there is none. */
  document(key: string): Promise<unknown>;
  /** A request to the Kubernetes API beyond those that the product makes; its status. */
  admin(path: string, init: { method: string; headers?: Record<string, string>; body?: string }): Promise<number>;
  arm(fault: object): Promise<void>;
  calls(): Promise<LoggedCall[]>;
  stop(): Promise<void>;
  /** Kills the process of the cloud and starts it again on the same data. */
  crash(): Promise<void>;
};

/** As people have it. Less would be spent on looking more often: a Job is polled every other second, scaled. */
const TIME_SCALE = 0.02;

/** `params` are those of the stack. */
type CloudOptions = { timeScale?: number; params?: Record<string, string> };

/** A local cloud on a folder of its own, for one test file. Its waits are a fiftieth of the real ones. */
export async function startTestCloud(options: CloudOptions = {}): Promise<TestCloud> {
  const home = await mkdtemp(join(tmpdir(), 'carthub-db-cloud-'));
  await chmod(home, 0o755);
  const data = join(home, 'data');
  await mkdir(data, { mode: 0o755 });
  let running = await start(data, options);
  const clients = async () => {
    try {
      return await connect(running.cloud);
    } catch (error) {
      await running.stop();
      throw error;
    }
  };
  let connected = await clients();
  let folders = 0;
  const made: TestCloud = {
    data,
    get cloud() {
      return running.cloud;
    },
    get sfn() {
      return connected.sfn;
    },
    get rds() {
      return connected.rds;
    },
    get secrets() {
      return connected.secrets;
    },
    get kubernetes() {
      return connected.kubernetes;
    },
    cli: (...args) => runCli([...args, '--local', '--data', data, '--json']),
    async folder(files) {
      folders += 1;
      const folder = join(home, `migrations-${folders}`);
      await mkdir(folder);
      for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
      return folder;
    },
    async migrate(files, ...args) {
      return made.cli('migrate', '--migrations', await made.folder(files), ...args);
    },
    query: (sql, values = []) => connected.query(sql, values),
    session: () => connected.session(),
    async document(key) {
      const text = await made.text(key);
      return text === null ? null : JSON.parse(text);
    },
    async text(key) {
      const { region, account } = running.cloud;
      const Bucket = `carthub-db-carthub-${account}-${region}`;
      try {
        const got = await connected.s3.send(new GetObjectCommand({ Bucket, Key: key }));
        return (await got.Body?.transformToString()) ?? '';
      } catch (error) {
        if (error instanceof Error && error.name === 'NoSuchKey') return null;
        throw error;
      }
    },
    admin: (path, init) => connected.admin(path, init),
    async arm(fault) {
      const sent = await fetch(`${running.cloud.endpoint}/_faults`, { method: 'POST', body: JSON.stringify(fault) });
      if (!sent.ok) throw new Error(await sent.text());
    },
    async calls() {
      const got = await fetch(`${running.cloud.endpoint}/_calls`);
      return z.array(loggedCall).parse(await got.json());
    },
    async stop() {
      await running.stop();
      await rm(home, { recursive: true, force: true });
    },
    async crash() {
      process.kill(running.cloud.pid, 'SIGKILL');
      await running.exited;
      running = await start(data, options);
      connected = await clients();
    },
  };
  return made;
}

function start(data: string, { timeScale = TIME_SCALE, params }: CloudOptions): Promise<RunningCloud> {
  const interrupted = new AbortController().signal;
  const given = params === undefined ? {} : { params };
  return startCloud({ data, timeScale, port: null, onLine: () => undefined, interrupted, ...given });
}

async function connect(cloud: Cloud) {
  const { endpoint, region, accessKeyId, secretAccessKey } = cloud;
  const config = { endpoint, region, credentials: { accessKeyId, secretAccessKey } };
  const secrets = new SecretsManagerClient(config);
  const session = async () => {
    const { SecretString } = await secrets.send(new GetSecretValueCommand({ SecretId: 'carthub-db/master' }));
    const { username, password, host, port, dbname } = parseDatabaseSecret(SecretString ?? '');
    const ca = await readFile(cloud.databaseCaFile, 'utf8');
    const client = new pg.Client({ host, port, database: dbname, user: username, password, ssl: { ca } });
    // What ends it is told by its next query.
    client.on('error', () => undefined);
    await client.connect();
    return client;
  };
  return {
    s3: new S3Client(config),
    sfn: new SFNClient(config),
    rds: new RDSClient(config),
    secrets,
    ...(await adminOf(cloud)),
    session,
    async query<T extends pg.QueryResultRow>(sql: string, values: unknown[]): Promise<T[]> {
      const client = await session();
      try {
        return (await client.query<T>(sql, values)).rows;
      } finally {
        await client.end();
      }
    },
  };
}

const kubeconfig = z.object({
  clusters: z.array(z.object({ cluster: z.object({ server: z.string(), 'certificate-authority': z.string() }) })),
  users: z.array(z.object({ user: z.object({ token: z.string() }) })),
});

async function adminOf(cloud: Cloud) {
  const { clusters, users } = kubeconfig.parse(parse(await readFile(cloud.kubeconfig, 'utf8')));
  const [cluster, user] = [clusters[0]?.cluster, users[0]?.user];
  if (!cluster || !user) throw new Error(`${cloud.kubeconfig} names no cluster.`);
  const ca = await readFile(cluster['certificate-authority'], 'utf8');
  const kubernetes = createKubernetesClient({
    endpoint: cluster.server,
    ca,
    token: async () => user.token,
    timeoutMs: 10_000,
  });
  const admin: TestCloud['admin'] = (path, { method, headers = {}, body }) =>
    new Promise((done, reject) => {
      const url = new URL(path, cluster.server);
      const options = { method, ca, headers: { ...headers, authorization: `Bearer ${user.token}` } };
      const sent = request(url, options, (response) => {
        response.resume();
        response.once('end', () => done(response.statusCode ?? 0));
      });
      sent.once('error', reject);
      sent.end(body);
    });
  return { kubernetes, admin };
}

/** The command as a person runs it, in a process of its own. */
export function runCli(args: string[], env: Record<string, string> = {}): Promise<Result> {
  return new Promise((done, reject) => {
    const child = spawn(process.execPath, [join(ROOT, 'cli/bin.js'), ...args], {
      ...{ stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } },
    });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    child.once('error', reject);
    child.once('close', (exit) => {
      const stderr = Buffer.concat(err).toString();
      const text = Buffer.concat(out).toString();
      try {
        done({ exit, json: printed.parse(JSON.parse(text)), stderr });
      } catch (cause) {
        reject(
          new Error(`carthub-db ${args.join(' ')} exited with ${exit} and printed:\n${text}\n${stderr}`, { cause }),
        );
      }
    });
  });
}
