/**
 * Crashes a restore before and after every single call that it makes, and looks what became of the database:
 * `node bench/restore-crashes.ts [--only TEXT] [--sample N] [--from N] [--how dies|stopped] [--effects] [--list]`.
 *
 * The calls are those of one restore of a small database, from the local cloud's log: of functions by the workflow, and of AWS by functions. At each one
 * the Lambda dies, or the root execution is stopped, so that the sweeper takes over. What is not restored then is taken up again, by the next
 * crash at first, and at last by one that nothing disturbs, which has to restore it. Calls that only read have no effect to crash after: for
 * them "before" stands for both.
 */
import type { OutcomeRecord } from '../lib/runs/record.ts';
import { startTestCloud, type TestCloud } from '../tests/support/cloud.ts';
import { callsSince, nameOf, pointsOf } from '../tests/support/crash-points.ts';
import {
  type Crash,
  clearOthers,
  crashedRestore,
  hurry,
  latest,
  NotReachedError,
} from '../tests/support/crashed-restore.ts';
import { standing, violations } from '../tests/support/restore-invariant.ts';

const option = (name: string) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? null : (process.argv[at + 1] ?? '');
};
const only = option('only');
const sample = Number(option('sample') ?? 0);
const from = Number(option('from') ?? 0);

/** How often what was kept is crashed again before it is finished. */
const MOST_TIMES = 4;
const COPYING = /-(restore-beside|apply-settings)$/;

type Case = { name: string; crash: Crash; outcome: string; again: string; wrong: string[]; seconds: number };

const cloud = await startTestCloud({ timeScale: 0.05 });
const rows: string[] = [];
let runs = 0;
let kept: Kept | null = null;
try {
  await prepare(cloud);
  const crashes = select(await enumerate(cloud));
  process.stdout.write(`${crashes.length} cases\n`);
  if (!process.argv.includes('--list')) {
    const cases: Case[] = [];
    for (const [index, crash] of crashes.entries()) {
      const done = await attempt(cloud, crash, index + 1 === crashes.length);
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
  await clearOthers(cloud);
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
    .filter((crash) => only === null || `${nameOf(crash.point)} ${crash.when} ${crash.how}`.includes(only));
  const every = sample > 0 ? Math.max(1, Math.floor(wanted.length / sample)) : 1;
  const chosen = [...wanted.slice(from), ...wanted.slice(0, from)].filter((_, index) => index % every === 0);
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

/** What crashed restores have left, for the next one to take up: the run to go on with, if it made a copy, whose name is of the first one's. */
type Kept = { resume: string | null; first: string; times: number };

async function attempt(cloud: TestCloud, crash: Crash, isLast: boolean): Promise<Case> {
  const started = Date.now();
  const made: Case = { name: title(crash), crash, outcome: '-', again: '-', wrong: [], seconds: 0 };
  try {
    // With a copy that is there these calls are not made.
    if (kept !== null && COPYING.test(crash.point.by ?? '')) await takeUp(cloud, made);
    const record = await restore(cloud, made, crash);
    made.outcome = outcomeOf(record);
    if (kept === null) await clearOthers(cloud);
    else if (kept.times >= MOST_TIMES || isLast) await takeUp(cloud, made);
    else made.again = 'the next';
  } catch (error) {
    if (error instanceof NotReachedError) made.outcome = 'not reached';
    made.wrong.push(error instanceof Error ? error.message : String(error));
    kept = null;
    await clearOthers(cloud);
  }
  made.seconds = (Date.now() - started) / 1000;
  return made;
}

/** Takes up what is left, with nothing in the way. */
async function takeUp(cloud: TestCloud, made: Case): Promise<void> {
  const again = await restore(cloud, made, null);
  made.again = outcomeOf(again);
  if (again.outcome !== 'Restored') made.wrong.push(`again: ${again.error?.message}`);
  kept = null;
  await clearOthers(cloud);
}

async function restore(cloud: TestCloud, made: Case, crash: Crash | null): Promise<OutcomeRecord> {
  const before = await standing(cloud);
  const input = await latest(cloud);
  const run = await begin(cloud);
  const resume = kept?.resume ?? null;
  const first = resume === null ? run : (kept?.first ?? run);
  const record = await crashedRestore(cloud, run, { ...input, ...(resume === null ? {} : { resume }) }, crash, first);
  made.wrong.push(...(await violations(cloud, { run, record, before, rows })));
  const next = record.restore?.copy == null ? resume : run;
  kept = record.outcome === 'Restored' ? null : { resume: next, first, times: (kept?.times ?? 0) + 1 };
  return record;
}

function outcomeOf({ outcome, error }: OutcomeRecord): string {
  return error === null ? outcome : `${outcome} (${error.name})`;
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
