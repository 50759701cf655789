/**
 * Crashes a restore before and after every single call that it makes, and looks what became of the database:
 * `node bench/restore-crashes.ts [--only TEXT] [--sample N] [--from N] [--how dies|stopped] [--effects] [--list]`.
 *
 * The calls are those of one restore of a small database, from the local cloud's log: of functions by the workflow, and of AWS by functions. At each one
 * the Lambda dies, or the root execution is stopped, so that the sweeper takes over. Then, when it was not restored, the same command is
 * given again, which has to restore it. Calls that only read have no effect to crash after: for them "before" stands for both.
 */
import { DeleteDBInstanceCommand, DescribeDBInstancesCommand, ModifyDBInstanceCommand } from '@aws-sdk/client-rds';
import type { OutcomeRecord } from '../lib/runs/record.ts';
import { startTestCloud, type TestCloud } from '../tests/support/cloud.ts';
import { callsSince, nameOf, pointsOf } from '../tests/support/crash-points.ts';
import { type Crash, crashedRestore, hurry, latest, NotReachedError } from '../tests/support/crashed-restore.ts';
import { standing, violations } from '../tests/support/restore-invariant.ts';
import { until } from '../tests/support/until.ts';

const option = (name: string) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? null : (process.argv[at + 1] ?? '');
};
const only = option('only');
const sample = Number(option('sample') ?? 0);
const from = Number(option('from') ?? 0);

type Case = { name: string; crash: Crash; outcome: string; again: string; wrong: string[]; seconds: number };

const cloud = await startTestCloud();
const rows: string[] = [];
let runs = 0;
try {
  await prepare(cloud);
  const crashes = select(await enumerate(cloud));
  process.stdout.write(`${crashes.length} cases\n`);
  if (!process.argv.includes('--list')) {
    const cases: Case[] = [];
    for (const [index, crash] of crashes.entries()) {
      const done = await attempt(cloud, crash);
      cases.push(done);
      process.stdout.write(`${line(index, done)}\n`);
    }
    report(cases);
  }
} finally {
  await cloud.stop();
}

async function prepare(cloud: TestCloud): Promise<void> {
  await hurry(cloud);
  await cloud.migrate({ '001.do.ledger.sql': 'create table ledger (what text primary key);\n' });
  await cloud.query('create table written (id serial primary key, at timestamptz)');
}

/** Every call of a restore that nothing disturbs. */
async function enumerate(cloud: TestCloud): Promise<Crash[]> {
  const since = new Date();
  const before = await standing(cloud);
  const input = await latest(cloud);
  const run = await begin(cloud);
  const record = await crashedRestore(cloud, run, input, null);
  const wrong = await violations(cloud, { run, record, before, rows });
  if (record.outcome !== 'Restored' || wrong.length > 0) {
    throw new Error(`An undisturbed restore ended as ${record.outcome}: ${JSON.stringify(record.error)} ${wrong}`);
  }
  const points = pointsOf(await callsSince(cloud, since), run);
  await clear(cloud);
  return points.flatMap((point) =>
    (['dies', 'stopped'] as const).flatMap((how) =>
      (point.hasEffect || point.service === 'lambda' ? (['before', 'after'] as const) : (['before'] as const)).map(
        (when) => ({ point, when, how }),
      ),
    ),
  );
}

function select(crashes: Crash[]): Crash[] {
  const how = option('how');
  const wanted = crashes
    .filter((crash) => how === null || crash.how === how)
    .filter(({ point }) => !process.argv.includes('--effects') || point.hasEffect || point.service === 'lambda')
    .filter((crash) => only === null || `${nameOf(crash.point)} ${crash.when} ${crash.how}`.includes(only))
    .slice(from);
  const every = sample > 0 ? Math.max(1, Math.floor(wanted.length / sample)) : 1;
  const chosen = wanted.filter((_, index) => index % every === 0);
  if (process.argv.includes('--list')) for (const crash of chosen) process.stdout.write(`${title(crash)}\n`);
  return chosen;
}

async function begin(cloud: TestCloud): Promise<string> {
  runs += 1;
  const what = `row-${runs}`;
  await cloud.query('insert into ledger values ($1)', [what]);
  rows.push(what);
  return `crash-${runs}`;
}

async function attempt(cloud: TestCloud, crash: Crash): Promise<Case> {
  const started = Date.now();
  const made: Case = { name: title(crash), crash, outcome: '-', again: '-', wrong: [], seconds: 0 };
  try {
    const before = await standing(cloud);
    const input = await latest(cloud);
    const run = await begin(cloud);
    const record = await crashedRestore(cloud, run, input, crash);
    made.outcome = outcomeOf(record);
    made.wrong.push(...(await violations(cloud, { run, record, before, rows })));
    if (record.outcome !== 'Restored') {
      const resume = record.restore?.copy == null ? {} : { resume: run };
      const next = `${run}-again`;
      const again = await crashedRestore(cloud, next, { ...input, ...resume }, null);
      made.again = outcomeOf(again);
      if (again.outcome !== 'Restored') made.wrong.push(`again: ${again.error?.message}`);
      const found = await violations(cloud, { run: next, record: again, before, rows });
      made.wrong.push(...found.map((what) => `again: ${what}`));
    }
    await clear(cloud);
  } catch (error) {
    if (error instanceof NotReachedError) made.outcome = 'not reached';
    made.wrong.push(error instanceof Error ? error.message : String(error));
  }
  made.seconds = (Date.now() - started) / 1000;
  return made;
}

function outcomeOf({ outcome, error }: OutcomeRecord): string {
  return error === null ? outcome : `${outcome} (${error.name})`;
}

/** What earlier cases kept would be there until its date. */
async function clear({ rds }: TestCloud): Promise<void> {
  await until('an account without old instances', async () => {
    const { DBInstances = [] } = await rds.send(new DescribeDBInstancesCommand({}));
    const left = DBInstances.filter(
      ({ DBInstanceIdentifier, DBInstanceStatus }) =>
        DBInstanceIdentifier !== 'carthub-db' && DBInstanceStatus !== 'deleting',
    );
    for (const { DBInstanceIdentifier = '', DeletionProtection, DBInstanceStatus } of left) {
      if (DBInstanceStatus !== 'available') continue;
      if (DeletionProtection) {
        await rds.send(new ModifyDBInstanceCommand({ DBInstanceIdentifier, DeletionProtection: false }));
      } else {
        const rest = { SkipFinalSnapshot: true, DeleteAutomatedBackups: true };
        await rds.send(new DeleteDBInstanceCommand({ DBInstanceIdentifier, ...rest }));
      }
    }
    return left.length === 0;
  });
}

function title({ point, when, how }: Crash): string {
  return `${nameOf(point)} | ${when} | ${how}`;
}

function line(index: number, { name, outcome, again, wrong, seconds }: Case): string {
  return `${index} | ${name} | ${outcome} | ${again} | ${wrong.length === 0 ? 'ok' : `WRONG ${wrong.join('; ')}`} | ${seconds.toFixed(1)}`;
}

function report(cases: readonly Case[]): void {
  const wrong = cases.filter((one) => one.wrong.length > 0);
  const count = Map.groupBy(cases, ({ outcome, again }) => (again === '-' ? outcome : `${outcome}, again ${again}`));
  for (const [what, of] of count) process.stdout.write(`${of.length} x ${what}\n`);
  process.stdout.write(`${cases.length} cases, ${cases.length - wrong.length} ok, ${wrong.length} wrong\n`);
  for (const one of wrong) process.stdout.write(`WRONG ${one.name}: ${one.wrong.join('; ')}\n`);
  if (wrong.length > 0) process.exitCode = 1;
}
