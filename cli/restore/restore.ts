import { findPlan } from '../../lib/restore/documents.ts';
import { RestoreRefusedError } from '../../lib/restore/errors.ts';
import type { RestoreOptions } from '../../lib/restore/order.ts';
import type { OutcomeRecord } from '../../lib/runs/record.ts';
import type { Context } from '../command.ts';
import { UsageError } from '../errors.ts';
import { ifLeft } from '../execution/if-left.ts';
import { AWS_PACE, followToEnd, type KnownRun, LOCAL_PACE, runToEnd } from '../execution/run-to-end.ts';
import { runId } from '../execution/start.ts';
import { type Target, type UsedStack, withTarget } from '../options.ts';
import { PROGRAM } from '../program.ts';
import { requester } from '../requester.ts';
import type { Hints } from '../result/outcome-lines.ts';
import { findDatabase } from '../stack/find-database.ts';
import { acceptLoss, withAcceptance } from './acceptance.ts';
import { agree, reasonFor } from './agree.ts';
import { commandFor } from './command-line.ts';
import { type MadePlan, makePlan } from './make-plan.ts';
import { planLines } from './plan-lines.ts';
import { findRestore } from './running.ts';
import type { WantedRestore } from './settings.ts';
import { zoneHere } from './zone.ts';

export type RestoreSettings = {
  target: Target;
  /** The RDS instance; null for the one that is named after the database. */
  instance: string | null;
  wanted: WantedRestore;
  hints: Hints;
  known: KnownRun;
};

/** What would be done, and the command that does it. Changes nothing. */
export function plan(
  { target, instance, wanted }: Omit<RestoreSettings, 'hints' | 'known'>,
  context: Context,
): Promise<MadePlan & { command: string }> {
  return withTarget(target, context, async (used) => {
    await findDatabase(used.stack, 'migrate');
    const options = await optionsFor(used, wanted);
    const run = runId(target.database, context.now());
    return planned({ used, run, options, instance, reason: wanted.reason, flags: target.flags, context });
  });
}

/**
 * Puts a database back, or goes on with a restore that waits for a word or kept its copy. Shows the plan and asks, unless what was
 * agreed to is given.
 */
export function restore(settings: RestoreSettings, context: Context): Promise<OutcomeRecord> {
  const { target, wanted, known } = settings;
  return withTarget(target, context, async (used) => {
    known.timeScale = used.local?.timeScale ?? null;
    await findDatabase(used.stack, 'restore');
    const { resume } = wanted.options;
    const resumed = resume === null ? null : await findRestore(used.stack, resume);
    if (resume !== null && resumed?.outcome === null)
      return goAlong({ ...settings, used, run: resume, ...resumed }, context);
    if (resumed?.outcome?.restore?.done) {
      throw new RestoreRefusedError(`${resume} is done: ${resumed.outcome.outcome}.`, {
        remedy: `To go back further: ${PROGRAM} restore${target.flags} --plan --to TIME`,
      });
    }
    return start({ ...settings, used }, context);
  });
}

async function start(
  { target, instance, wanted, hints, known, used }: RestoreSettings & { used: UsedStack },
  context: Context,
): Promise<OutcomeRecord> {
  const { stack, local } = used;
  const run = runId(target.database, context.now());
  const options = await optionsFor(used, wanted);
  const planning = { used, run, options, instance, reason: wanted.reason, flags: target.flags, context };
  const planDigest = options.planDigest ?? (await agreed(planning));
  const reason = await reasonFor(wanted.reason, context);
  const by = stack.caller ?? requester(context.env);
  return withAcceptance({ stack, run, reason, by, hints, context }, (onChanges) =>
    runToEnd({
      ...{ stack, known, context, onChanges, run, machine: 'restore', pace: local === null ? AWS_PACE : LOCAL_PACE },
      input: { database: target.database, ...options, planDigest, reason, requestedBy: by },
      ifLeft: (execution) => ifLeft(execution, local?.own ?? false, goOn(run, hints)),
    }),
  );
}

/** Answers a restore that is under way, and follows it to its end. */
async function goAlong(
  options: RestoreSettings & { used: UsedStack; run: string; execution: string; startedAt: Date },
  context: Context,
): Promise<OutcomeRecord> {
  const { wanted, hints, known, used, run, execution, startedAt } = options;
  const { stack, local } = used;
  const { reason } = wanted;
  const by = stack.caller ?? requester(context.env);
  const { acceptLoss: tables } = wanted.options;
  if (tables !== null) {
    const why = await reasonFor(reason, context);
    await acceptLoss({ stack, run, tables, by, reason: why, now: context.now() });
  }
  context.terminal.err(`Run ${run} is under way${tables === null ? '' : '; what you accept is written down for it'}.`);
  return withAcceptance({ stack, run, reason, by, hints, context }, (onChanges) =>
    followToEnd({
      ...{ stack, known, context, onChanges, run, execution, startedAt, pace: local === null ? AWS_PACE : LOCAL_PACE },
      ifLeft: (arn) => ifLeft(arn, local?.own ?? false, goOn(run, hints)),
    }),
  );
}

/** How to come back to a restore, whether it goes on or ended with us. */
function goOn(run: string, { flags }: Hints) {
  const see = `${PROGRAM} restore${flags} --resume ${run}`;
  return { flags, see, again: see };
}

type Planning = {
  used: UsedStack;
  run: string;
  options: RestoreOptions;
  instance: string | null;
  reason: string | null;
  flags: string;
  context: Context;
};

async function planned({ used, run, options, instance, reason, flags, context }: Planning) {
  const made = await makePlan({ used, run, options, identifier: instance ?? used.stack.names.instance, context });
  return { ...made, command: commandFor(options, { flags, digest: made.plan.digest, reason }) };
}

/** The digest of the plan that a person has seen and agreed to. Who resumes a run and names the loss has done so already. */
async function agreed(planning: Planning): Promise<string> {
  const { options, context } = planning;
  const { command, ...made } = await planned(planning);
  const at = { now: context.now(), zone: zoneHere() };
  for (const line of planLines(made, at)) context.terminal.err(line);
  if (options.resume === null || options.acceptLoss === null) await agree(command, context);
  return made.plan.digest;
}

async function optionsFor({ stack }: UsedStack, { order, options }: WantedRestore): Promise<RestoreOptions> {
  if (order !== null) return { ...options, order };
  const resume = options.resume ?? '';
  const plan = await findPlan({ s3: stack.s3, bucket: stack.names.bucket }, resume);
  if (plan !== null) return { ...options, order: plan.order };
  throw new UsageError(`No restore that made a plan is called ${resume}.`, {
    remedy: 'Start one: npx carthub-db restore --plan --to TIME, or --before-run RUN',
  });
}
