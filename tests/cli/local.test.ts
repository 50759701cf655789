import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startTime } from '../../embedded/processes.ts';

const BIN = join(import.meta.dirname, '../../cli/bin.js');

let root: string;
const children: ChildProcess[] = [];
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'carthub-db-test-'));
  // PostgreSQL runs as another user when we are root.
  await chmod(root, 0o755);
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await rm(root, { recursive: true, force: true });
});

/** The command as a person runs it, in the test's folder. */
function start(...words: string[]) {
  const child = spawn(process.execPath, [BIN, ...words], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  const said = { out: '', err: '' };
  const watching = new EventEmitter();
  const hear = (stream: 'out' | 'err') => (data: Buffer) => {
    said[stream] += data;
    watching.emit('news');
  };
  child.stdout.on('data', hear('out'));
  child.stderr.on('data', hear('err'));
  const exit = once(child, 'close').then(([code]) => ({ code, ...said }));
  /** Resolves when the command has said what is looked for, and throws when it ends before. */
  const until = async (pattern: RegExp) => {
    const over = exit.then(({ err }) => Promise.reject(new Error(`It ended before it said ${pattern}: ${err}`)));
    while (!pattern.test(said.out + said.err)) await Promise.race([once(watching, 'news'), over]);
    over.catch(() => undefined);
  };
  return { child, exit, until };
}

async function cli(...words: string[]) {
  return start(...words).exit;
}

async function migrations(name: string, files: Record<string, string>): Promise<string> {
  await mkdir(join(root, name), { recursive: true });
  for (const [file, sql] of Object.entries(files)) await writeFile(join(root, name, file), sql);
  return name;
}

describe('migrate --local on a folder where nothing is', () => {
  const FLAGS = ['--local', '--data', 'data'];

  test('brings up the cloud, takes the database to the newest version, and says so in one document', async () => {
    const folder = await migrations('first', { '001.do.create-carts.sql': 'create table carts (id int primary key);' });
    const { code, out, err } = await cli('migrate', ...FLAGS, '--migrations', folder, '--json');
    expect({ code, err }).toMatchObject({ code: 0 });
    const document = JSON.parse(out);
    expect(document).toMatchObject({
      outcome: 'Migrated',
      database: 'carthub',
      version: { before: 0, after: 1 },
      files: [{ version: 1, file: '001.do.create-carts.sql', durationMs: expect.any(Number) }],
      snapshot: expect.stringMatching(/^migrate-/),
      restore: null,
      error: null,
      timeScale: 0.02,
    });
    const visited = document.timeline.map(
      (step: { machine: string; state: string }) => `${step.machine}.${step.state}`,
    );
    for (const state of ['migrate.AcquireLease', 'migrate.RunJob', 'run-job.LaunchJob', 'migrate.ReleaseLease']) {
      expect(visited).toContain(state);
    }
    expect(document.timeline.every((step: { ms: unknown }) => typeof step.ms === 'number')).toBe(true);
    expect(err).toContain('Migrated: carthub is at version 1 (it was at 0).');
  });

  test('has nothing to do the second time, makes no snapshot and no Job', async () => {
    const { code, out } = await cli('migrate', ...FLAGS, '--migrations', 'first', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ outcome: 'NothingToDo', version: { before: 1, after: 1 }, snapshot: null });
    expect(out).not.toContain('RunJob');
  });

  test('an interrupted run is found out about by the next one', async () => {
    const pause = `do $$ begin if to_regclass('carthub_db.journal') is not null then perform pg_sleep(600); end if; end $$;`;
    const slow = await migrations('slow', {
      '001.do.create-carts.sql': 'create table carts (id int primary key);',
      '002.do.wait.sql': `create table b (id int); ${pause}`,
    });
    const { child, exit, until } = start('migrate', ...FLAGS, '--migrations', slow, '--json');
    await until(/PollJob/);
    child.kill('SIGINT');
    const interrupted = await exit;
    expect(interrupted.code).toBe(130);
    expect(JSON.parse(interrupted.out)).toMatchObject({ outcome: null, error: { name: 'InterruptedError' } });
    expect(interrupted.err).toContain('the execution becomes ABORTED');

    const fixed = await migrations('slow', { '002.do.wait.sql': 'create table b (id int);' });
    const next = await cli('migrate', ...FLAGS, '--migrations', fixed, '--json');
    expect(JSON.parse(next.out)).toMatchObject({ outcome: 'Migrated', error: null, version: { before: 1, after: 2 } });
    const { out } = await cli('status', ...FLAGS, '--json');
    const { runs } = JSON.parse(out);
    expect(runs.map((run: { outcome: string }) => run.outcome)).toEqual([
      'Migrated',
      'FailedUntouched',
      'NothingToDo',
      'Migrated',
    ]);
  });
});

describe('local up', () => {
  test('serves what is there at a stable address, for every verb, until it is told to end', async () => {
    const { child, exit, until } = start('local', 'up', '--data', 'data');
    await until(/^# postgresql:.*$/m);
    const query = await cli(
      'query',
      '--local',
      '--data',
      'data',
      '--json',
      'select count(*)::int as n from carts; select 1.5::float4 as f, null as z',
    );
    expect(JSON.parse(query.out)).toEqual({
      results: [
        { command: 'SELECT', rowCount: 1, rows: [{ n: 0 }] },
        { command: 'SELECT', rowCount: 1, rows: [{ f: 1.5, z: null }] },
      ],
    });
    expect((await cli('query', '--local', '--data', 'data', 'select 1 as a')).out).toBe('a\n-\n1\n(1 row)\n');
    const wrong = await cli('query', '--local', '--data', 'data', 'select *\nfrom nowhere');
    expect(wrong).toMatchObject({ code: 2, err: expect.stringContaining('at SQL:2:6') });
    expect(await cli('migrate', '--local', '--data', 'data', '--database', 'other')).toMatchObject({
      code: 2,
      err: expect.stringMatching(/No stack here serves a database named other\.\n.*Name one that there is: carthub/),
    });
    expect(await cli('migrate', '--local', '--data', 'data', '--time-scale', '1')).toMatchObject({ code: 2 });
    expect(await cli('local', 'reset', '--data', 'data', '--yes')).toMatchObject({ code: 2 });
    const second = await cli('local', 'up', '--data', 'data');
    child.kill('SIGINT');
    const first = await exit;
    expect(first.code).toBe(0);
    for (const name of ['AWS_ENDPOINT_URL', 'AWS_REGION', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'KUBECONFIG']) {
      expect(first.out).toMatch(new RegExp(`^export ${name}='.+'$`, 'm'));
    }
    expect(second).toMatchObject({ code: 0, out: first.out });
  });

  test('is over when the command that shows it is killed', async () => {
    const { child, until } = start('local', 'up', '--data', 'data');
    await until(/^# postgresql:.*$/m);
    const { pid } = JSON.parse(await readFile(join(root, 'data/cloud.json'), 'utf8'));
    expect(startTime(pid)).not.toBeNull();
    child.kill('SIGKILL');
    while (startTime(pid) !== null) await pause(20);
    await expect(readFile(join(root, 'data/cloud.json'))).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('local reset', () => {
  test('asks, where somebody is there to answer, and removes everything with --yes', async () => {
    expect(await cli('local', 'reset', '--data', 'data')).toMatchObject({ code: 2 });
    expect(await readdir(join(root, 'data'))).not.toEqual([]);
    expect(await cli('local', 'reset', '--data', 'data', '--yes')).toMatchObject({ code: 0 });
    expect(await readdir(join(root, 'data'))).toEqual([]);
  });

  test('leaves a folder alone that is none of a local cloud', async () => {
    expect(await cli('local', 'reset', '--data', 'first', '--yes')).toMatchObject({ code: 2 });
    expect(await readdir(join(root, 'first'))).not.toEqual([]);
  });
});
