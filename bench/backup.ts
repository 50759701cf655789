/**
 * A backup against a script that pipes pg_dump through gzip and uploads the file with one PUT, and against what pg_dump alone takes with
 * the same compression: `node bench/backup.ts [megabytes] [rounds]`. The three take turns on the same data and the same local S3, so
 * that all see the same machine; told are the medians, and the most memory of the backup's whole tree of processes. Needs pg_dump 15.
 */
import { execFile, spawn } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { withThrowawayServer } from '../embedded/throwaway.ts';
import { COMPRESSION } from '../lib/backups/dump.ts';
import { readManifest } from '../lib/backups/manifest.ts';
import { findTools, type Tools } from '../lib/backups/tools.ts';
import { withClient } from '../lib/postgres/connect.ts';
import { createEndpoint } from '../local/endpoint.ts';
import { createCallLog } from '../local/faults/calls.ts';
import { createFaults } from '../local/faults/faults.ts';
import { createS3 } from '../local/s3/s3.ts';
import { fill } from './backup-data.ts';
import { followMemory } from './process-memory.ts';

const megabytes = Number(process.argv[2] ?? 2_000);
const rounds = Number(process.argv[3] ?? 3);
const LIMIT = { script: 0.5, dump: 1.1, size: 1.1, mebibytes: 192 };
const keys = { accessKeyId: 'bench', secretAccessKey: 'bench' };
const Bucket = 'bench';

type Place = { folder: string; url: string; s3: S3Client; port: number; tools: Tools };

const folder = await mkdtemp(join(tmpdir(), 'carthub-db-bench-'));
const now = () => new Date();
const service = await createS3({ folder: join(folder, 's3'), account: '000000000000', region: 'eu-west-1', now });
const endpoint = createEndpoint({
  services: [service],
  faults: createFaults(),
  calls: createCallLog(now),
  credentials: keys,
  now,
});
await endpoint.listen(0);
const s3 = new S3Client({ endpoint: endpoint.url, region: 'eu-west-1', credentials: keys });
try {
  await s3.send(new CreateBucketCommand({ Bucket }));
  await promisify(execFile)(process.execPath, [join(import.meta.dirname, '../runner/build.ts'), folder]);
  await withThrowawayServer(async ({ port }) => {
    const credentials = { username: 'postgres', password: 'trusted', host: '127.0.0.1', port, dbname: 'postgres' };
    await withClient({ credentials, applicationName: 'bench', ca: null, connectTimeoutMs: 10_000 }, (client) =>
      fill(client, megabytes),
    );
    const tools = await findTools({ pgBin: process.env.PG_BIN ?? null, path: process.env.PATH ?? '' }, 15);
    await measure({ folder, url: endpoint.url, s3, port, tools });
  });
} finally {
  s3.destroy();
  await endpoint.close();
  await rm(folder, { recursive: true });
}

async function measure(place: Place): Promise<void> {
  const taken: Round[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const dump = await timed(() =>
      run('sh', ['-c', `exec "$0" -Fc -Z${COMPRESSION} > /dev/null`, place.tools.dump], programEnv(place)),
    );
    const ours = await backUp(place, round);
    const script = await runScript(place);
    taken.push({ dump: dump.ms, ours, script });
  }
  report(taken);
}

type Round = { dump: number; ours: Awaited<ReturnType<typeof backUp>>; script: { ms: number; bytes: number } };

async function backUp(place: Place, round: number) {
  const id = `bench-${round}`;
  const child = spawn(process.execPath, [join(place.folder, 'runner.cjs'), 'backup'], {
    env: {
      ...{ PATH: process.env.PATH ?? '', AWS_ENDPOINT_URL: place.url, AWS_REGION: 'eu-west-1' },
      ...{ AWS_ACCESS_KEY_ID: keys.accessKeyId, AWS_SECRET_ACCESS_KEY: keys.secretAccessKey },
      ...{
        RUN_ID: id,
        BACKUP_ID: id,
        BUCKET: Bucket,
        DATABASE: 'carthub',
        DEADLINE_SECONDS: '3600',
        MEMORY_DIR: place.folder,
      },
      ...{ BACKUP_ALLOWED: 'unversioned-bucket,unencrypted-bucket', VERDICT_PATH: join(place.folder, 'verdict') },
      DATABASE_URL: `postgresql://postgres:trusted@127.0.0.1:${place.port}/postgres`,
      ...(process.env.PG_BIN ? { PG_BIN: process.env.PG_BIN } : {}),
    },
    stdio: ['ignore', process.env.BENCH_LOG ? 'inherit' : 'ignore', 'inherit'],
  });
  const memory = followMemory(child.pid ?? 0);
  const { ms } = await timed(() => ended(child, 'runner backup'));
  const { value } = await readManifest({ s3: place.s3, bucket: Bucket }, id);
  return { ms, bytes: value.dump.reduce((sum, { size }) => sum + size, 0), ...memory.stop() };
}

/** pg_dump | gzip into a file, and the file with one PUT. */
async function runScript(place: Place): Promise<Round['script']> {
  const file = join(place.folder, 'script.sql.gz');
  const { ms } = await timed(async () => {
    await run('bash', ['-c', `set -o pipefail; "$0" | gzip > "$1"`, place.tools.dump, file], programEnv(place));
    const { size } = await stat(file);
    await place.s3.send(
      new PutObjectCommand({ Bucket, Key: 'script.sql.gz', Body: createReadStream(file), ContentLength: size }),
    );
  });
  const { size } = await stat(file);
  return { ms, bytes: size };
}

function programEnv({ port }: Place): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '',
    PGHOST: '127.0.0.1',
    PGPORT: `${port}`,
    PGUSER: 'postgres',
    PGDATABASE: 'postgres',
  };
}

async function run(program: string, args: string[], env: Record<string, string>): Promise<void> {
  await ended(spawn(program, args, { env, stdio: ['ignore', 'ignore', 'inherit'] }), program);
}

function ended(child: ReturnType<typeof spawn>, what: string): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => (code === 0 ? resolve() : reject(new Error(`${what} ended with ${code}.`))));
  });
}

async function timed(work: () => Promise<void>): Promise<{ ms: number }> {
  const begun = performance.now();
  await work();
  return { ms: performance.now() - begun };
}

function report(taken: readonly Round[]): void {
  const of = (pick: (round: Round) => number) => median(taken.map(pick));
  const peak = Math.max(...taken.map(({ ours }) => ours.peakMiB));
  const rows = [
    [
      'wall time against the script',
      of(({ script }) => script.ms),
      of(({ ours }) => ours.ms),
      of(({ ours, script }) => ours.ms / script.ms),
      LIMIT.script,
    ],
    [
      `wall time against pg_dump -Z${COMPRESSION} > /dev/null`,
      of(({ dump }) => dump),
      of(({ ours }) => ours.ms),
      of(({ ours, dump }) => ours.ms / dump),
      LIMIT.dump,
    ],
    [
      'bytes against the script',
      of(({ script }) => script.bytes),
      of(({ ours }) => ours.bytes),
      of(({ ours, script }) => ours.bytes / script.bytes),
      LIMIT.size,
    ],
  ] as const;
  console.log(`${megabytes} MB, ${rounds} rounds\n`);
  console.log('| | the other | backup | ratio | at most |\n| --- | --- | --- | --- | --- |');
  for (const [what, other, ours, ratio, limit] of rows) {
    console.log(`| ${[what, Math.round(other), Math.round(ours), ratio.toFixed(2), limit].join(' | ')} |`);
  }
  console.log(`| peak memory, MiB | | ${peak} (${taken[0]?.ours.largest}) | | ${LIMIT.mebibytes} |`);
  const kept = rows.every(([, , , ratio, limit]) => ratio <= limit) && peak <= LIMIT.mebibytes;
  console.log(kept ? '\nAll limits are kept.' : '\nA limit is missed.');
  process.exitCode = kept ? 0 : 1;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const [low = 0, high = 0] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.ceil((sorted.length - 1) / 2)]];
  return (low + high) / 2;
}
