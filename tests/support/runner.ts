import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { putRunner } from '../../cli/image/build.ts';
import { modeOf } from '../../lib/migrations/mode-of.ts';
import type { Release, ReleaseFile } from '../../lib/migrations/release.ts';
import type { Credentials } from '../../lib/postgres/connect.ts';
import { keys } from '../../lib/runs/keys.ts';
import { type Verdict, verdict } from '../../lib/runs/verdict.ts';
import { openStore, type Store } from './store.ts';

/** The deployed bundle of the runner with a bucket, for one test file. */
export type RunnerBench = {
  store: Store;
  /** Starts the runner as the Job's container does. */
  start(options: StartOptions): Promise<Running>;
  /** Starts it and waits for its end. */
  run(options: StartOptions): Promise<Ended>;
  document(key: string): Promise<unknown>;
  stop(): Promise<void>;
};

export type StartOptions = {
  database: Credentials;
  /** By name. */
  files: Record<string, string>;
  run?: string;
  token?: number;
  deadlineSeconds?: number;
  /** What the image has, if not the same as the release. */
  image?: Record<string, string>;
  env?: Record<string, string | undefined>;
  args?: string[];
};

export type Running = { child: ChildProcess; pid: number; ended: Promise<Ended>; run: string };

export type Ended = {
  exit: number | null;
  signal: NodeJS.Signals | null;
  /** null when it did not come to writing one. */
  verdict: Verdict | null;
  verdictBytes: number;
  log: Record<string, unknown>[];
  output: string;
  run: string;
};

let numbers = 0;

/** Builds the runner as the image has it. */
export async function openRunnerBench(): Promise<RunnerBench> {
  const folder = await mkdtemp(join(tmpdir(), 'carthub-db-runner-'));
  const program = join(folder, 'runner.cjs');
  await putRunner(folder);
  const store = await openStore();
  const started = new Set<ChildProcess>();

  async function start(options: StartOptions): Promise<Running> {
    numbers += 1;
    const run = options.run ?? `run-${numbers}`;
    const own = join(folder, `${numbers}`);
    const migrations = join(own, 'migrations');
    await mkdir(migrations, { recursive: true });
    for (const [name, text] of Object.entries(options.image ?? options.files)) {
      await writeFile(join(migrations, name), text);
    }
    const release = await upload(store, options.files);
    const { username, password, host, port, dbname } = options.database;
    const child = spawn(process.execPath, [program, ...(options.args ?? ['migrate'])], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env.PATH ?? '',
        // The same bundle is started many times.
        NODE_COMPILE_CACHE: join(folder, 'compiled'),
        ...{ AWS_ENDPOINT_URL: store.endpoint, AWS_REGION: 'eu-west-1' },
        ...{ AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' },
        ...{ RUN_ID: run, TOKEN: `${options.token ?? 1}`, BUCKET: store.bucket, RELEASE: release },
        ...{ DATABASE: 'carthub', DEADLINE_SECONDS: `${options.deadlineSeconds ?? 60}` },
        ...{ VERDICT_PATH: join(own, 'verdict'), MIGRATIONS_DIR: migrations },
        DATABASE_URL: `postgresql://${username}:${password}@${host}:${port}/${dbname}`,
        ...options.env,
      },
    });
    started.add(child);
    return { child, pid: child.pid ?? 0, run, ended: end(child, run, join(own, 'verdict')) };
  }

  return {
    ...{ store, start },
    run: async (options) => (await start(options)).ended,
    document: (key) => store.read(key),
    async stop() {
      for (const child of started) child.kill('SIGKILL');
      await store.close();
      await rm(folder, { recursive: true });
    },
  };
}

/** Puts a release of these files into the bucket; its key. */
export async function upload(store: Store, files: Record<string, string>): Promise<string> {
  const body = JSON.stringify(await releaseOf(files));
  const key = keys.release(sha256(body));
  await store.write(key, body);
  return key;
}

const NO_SCHEMAS = `schemas/${sha256('none')}.json`;

export async function releaseOf(files: Record<string, string>): Promise<Release> {
  const making = Object.entries(files).map(async ([file, sql]): Promise<ReleaseFile> => {
    const [version, , name] = file.split('.');
    const md5 = createHash('md5').update(sql).digest('hex');
    return {
      ...{ version: Number(version), name: name ?? '', file },
      ...{ sha256: sha256(sql), md5, mode: await modeOf(file, sql), drops: [], touches: [], sql },
    };
  });
  const made = await Promise.all(making);
  made.sort((a, b) => a.version - b.version);
  return {
    format: 1,
    target: made.at(-1)?.version ?? 0,
    files: made,
    schemas: NO_SCHEMAS,
    ignore: [],
    expected: {},
    unproven: null,
  };
}

async function end(child: ChildProcess, run: string, path: string): Promise<Ended> {
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (data) => (output += data));
  const [exit, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((settle, reject) => {
    child.once('error', reject);
    child.once('close', (code, name) => settle([code, name]));
  });
  const text = await readFile(path, 'utf8').catch(() => null);
  const log = output.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line)] : []));
  return {
    ...{ exit, signal, log, output, run },
    verdict: text === null ? null : verdict.parse(JSON.parse(text)),
    verdictBytes: Buffer.byteLength(text ?? ''),
  };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
