/**
 * A restore of a database of some size, from the decision until it is cut over and verified, against a bare copy of the same backup's files and
 * PostgreSQL's recovery of the same logs: `node bench/restore.ts [megabytes] [rounds] [--from-logs]`.
 *
 * It goes back to before a migration, nobody else has written since, and the logs in store reach past that moment. Waits are a fiftieth of the real ones, and RDS takes no time of its own;
 * what validates the database, before and after the names change hands, is timed apart. Both sides take turns on the same machine.
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { DescribeDBInstancesCommand, ModifyDBInstanceCommand } from '@aws-sdk/client-rds';
import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { GetExecutionHistoryCommand, type HistoryEvent, ListExecutionsCommand } from '@aws-sdk/client-sfn';
import { runUser } from '../embedded/run-user.ts';
import { startServer } from '../embedded/server.ts';
import { parseDatabaseSecret, withClient } from '../lib/postgres/connect.ts';
import { restorePoint } from '../lib/runs/restore-point.ts';
import { restoreCommand } from '../local/rds/engine/archive.ts';
import { RECOVERY_SYNC } from '../local/rds/engine/durability.ts';
import { pathsIn } from '../local/rds/paths.ts';
import { startTestCloud, type TestCloud } from '../tests/support/cloud.ts';
import { clearOthers, crashedRestore, latest, machine } from '../tests/support/crashed-restore.ts';
import { until } from '../tests/support/until.ts';
import { fill } from './backup-data.ts';

const megabytes = Number(process.argv[2] ?? 1_000);
const rounds = Number(process.argv[3] ?? 3);
/** All of it from the logs since an empty backup, in place of a backup of last night and the logs of a day. */
const fromLogs = process.argv.includes('--from-logs');
const LIMIT = 1.6;
const VALIDATION = ['ValidateCopy', 'VerifyRestore'];

const NOTES = { '001.do.notes.sql': 'create table notes (id serial primary key, note text not null);\n' };

type Phase = { state: string; from: number; until: number };

const cloud = await startTestCloud({ timeScale: 0.02 });
try {
  await prepare();
  const taken: Round[] = [];
  for (let round = 0; round < rounds; round += 1) taken.push(await measure(`restore-${round}`));
  report(taken);
} finally {
  await cloud.stop();
}

async function prepare(): Promise<void> {
  const pace = { hydration: 0, shipping: 200, renaming: 0, modification: 0, backup: 0, deletion: 0 };
  await fetch(`${cloud.cloud.endpoint}/_pace`, { method: 'POST', body: JSON.stringify(pace) });
  await cloud.migrate(NOTES);
  const { SecretString } = await cloud.secrets.send(new GetSecretValueCommand({ SecretId: 'carthub-db/master' }));
  const ca = await readFile(cloud.cloud.databaseCaFile, 'utf8');
  const options = { applicationName: 'bench', ca, connectTimeoutMs: 10_000 };
  await withClient({ credentials: parseDatabaseSecret(SecretString ?? ''), ...options }, (client) =>
    fill(client, megabytes),
  );
  if (!fromLogs) await backUpAnew(cloud);
  await cloud.query(`update orders set status = 'sent' where abs(hashtext(id::text)) % 100 = 0`);
}

/** The automated backup comes once a day: without retention there is none, and with it again the first is taken at once. */
async function backUpAnew({ rds }: TestCloud): Promise<void> {
  const DBInstanceIdentifier = 'carthub-db';
  const { DBInstances = [] } = await rds.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier }));
  for (const BackupRetentionPeriod of [0, DBInstances[0]?.BackupRetentionPeriod ?? 7]) {
    await rds.send(
      new ModifyDBInstanceCommand({ DBInstanceIdentifier, BackupRetentionPeriod, ApplyImmediately: true }),
    );
    await until('an available instance', async () => {
      const { DBInstances: [found] = [] } = await rds.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier }));
      return found?.DBInstanceStatus === 'available' && found.BackupRetentionPeriod === BackupRetentionPeriod;
    });
  }
}

type Round = { copy: number; recovery: number; restore: number; validation: number; frozen: number; phases: Phase[] };

async function measure(run: string): Promise<Round> {
  // The data's tables are none of the migrations'.
  const files = { ...NOTES, '002.do.read.sql': 'alter table notes add column read boolean;\n' };
  const migrated = await cloud.migrate(files, '--on-drift', 'list');
  if (migrated.exit !== 0) throw new Error(JSON.stringify(migrated.json));
  const order = { to: 'run', run: String(migrated.json.run) };
  const point = await cloud.document(`runs/${order.run}/restore-point.json`);
  await latest(cloud);
  const bare = await restoreBare(restorePoint.parse(point).time);
  const record = await crashedRestore(cloud, run, { order }, null);
  if (record.outcome !== 'Restored') throw new Error(`${record.outcome}: ${JSON.stringify(record.error)}`);
  const phases = await phasesOf(cloud);
  const begin = Date.parse(record.startedAt);
  const end = Math.max(...phases.filter(({ state }) => state === 'VerifyRestore').map((phase) => phase.until));
  const validation = phases
    .filter(({ state }) => VALIDATION.includes(state))
    .reduce((sum, phase) => sum + phase.until - phase.from, 0);
  await clearOthers(cloud);
  const frozen = (record.restore?.frozenSeconds ?? 0) * 1000;
  return { ...bare, restore: end - begin - validation, validation, frozen, phases };
}

/** The files of the newest automated backup with cp, and recovery from the same archive to the same moment. */
async function restoreBare(time: string): Promise<{ copy: number; recovery: number }> {
  const { DBInstances: [serving] = [] } = await cloud.rds.send(
    new DescribeDBInstancesCommand({ DBInstanceIdentifier: 'carthub-db' }),
  );
  const paths = pathsIn(join(cloud.data, 'rds'));
  const wal = paths.wal(serving?.DbiResourceId ?? '');
  const backup = (await backups(paths.snapshots)).at(-1) ?? '';
  const folder = await mkdtemp(join(cloud.data, 'rds', 'bare-'));
  const data = join(folder, 'data');
  const user = runUser();
  try {
    const started = performance.now();
    await promisify(execFile)('cp', ['-a', join(paths.snapshots, backup), data]);
    const copied = performance.now();
    if (user) await promisify(execFile)('chown', ['-R', `${user.uid}:${user.gid}`, folder]);
    const owned = performance.now();
    await writeFile(join(data, 'recovery.signal'), '');
    const processes = join(folder, 'processes');
    await mkdir(processes);
    const server = await startServer({
      ...{ folder: data, processes },
      settings: {
        ...RECOVERY_SYNC,
        restore_command: restoreCommand(relative(data, wal)),
        recovery_target_time: time.replace('T', ' ').replace('Z', '+00'),
        ...{ recovery_target_action: 'promote', hot_standby: 'off' },
      },
    });
    const recovered = performance.now();
    await server.stop('immediate');
    return { copy: copied - started, recovery: recovered - owned };
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function backups(folder: string): Promise<string[]> {
  const names = (await readdir(folder)).filter((name) => name.startsWith('rds+') && name.endsWith('.json'));
  const dated = await Promise.all(
    names.map(async (name) => ({ name, at: JSON.parse(await readFile(join(folder, name), 'utf8')).createdAt })),
  );
  return dated.toSorted((a, b) => (a.at < b.at ? -1 : 1)).map(({ name }) => name.replace(/\.json$/, ''));
}

/** From when to when each state of the last restore was entered and left, its waits with the state that they wait for. */
async function phasesOf(cloud: TestCloud): Promise<Phase[]> {
  const found: Phase[] = [];
  for (const name of ['put-back', 'cut-over']) {
    const { executions: [last] = [] } = await cloud.sfn.send(
      new ListExecutionsCommand({ stateMachineArn: machine(cloud, name), maxResults: 1 }),
    );
    let nextToken: string | undefined;
    const events: HistoryEvent[] = [];
    do {
      const page = await cloud.sfn.send(
        new GetExecutionHistoryCommand({
          ...{ executionArn: last?.executionArn ?? '', maxResults: 1000 },
          ...(nextToken === undefined ? {} : { nextToken }),
        }),
      );
      events.push(...(page.events ?? []));
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    found.push(...intervals(events));
  }
  return found;
}

function intervals(events: readonly HistoryEvent[]): Phase[] {
  const found: Phase[] = [];
  for (const { type, timestamp, stateEnteredEventDetails: entered } of events) {
    const at = timestamp?.getTime() ?? 0;
    const open = found.at(-1);
    if (type === 'TaskStateEntered' && entered?.name !== open?.state && entered?.name !== undefined) {
      found.push({ state: entered.name, from: at, until: at });
    } else if (open && type === 'TaskStateExited') open.until = at;
  }
  return found;
}

function report(taken: readonly Round[]): void {
  const say = (line: string) => process.stdout.write(`${line}\n`);
  const median = (of: (round: Round) => number) => {
    const sorted = taken.map(of).toSorted((a, b) => a - b);
    return (sorted[Math.floor(sorted.length / 2)] ?? 0) / 1000;
  };
  const [copy, recovery, restore] = [
    median((one) => one.copy),
    median((one) => one.recovery),
    median((one) => one.restore),
  ];
  say(`| ${megabytes} MB, medians of ${rounds} | seconds |\n| --- | --- |`);
  say(`| bare copy | ${copy.toFixed(2)} |\n| bare recovery | ${recovery.toFixed(2)} |`);
  say(`| restore, decision to verified, without validation | ${restore.toFixed(2)} |`);
  say(`| of it the application was stopped | ${median((one) => one.frozen).toFixed(2)} |`);
  say(`| validation | ${median((one) => one.validation).toFixed(2)} |`);
  for (const { state, from, until } of taken.at(-1)?.phases ?? []) {
    if (state !== 'CutOver' || until > from) say(`| ${state}, last round | ${((until - from) / 1000).toFixed(2)} |`);
  }
  const times = restore / (copy + recovery);
  say(`${times.toFixed(2)} times a bare copy and recovery (limit ${LIMIT})`);
  if (times > LIMIT) process.exitCode = 1;
}
