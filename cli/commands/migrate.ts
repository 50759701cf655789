import { join, resolve } from 'node:path';
import { EXIT_CODES, EXIT_FAULT, EXIT_USAGE } from '../../lib/runs/outcome.ts';
import type { OutcomeRecord } from '../../lib/runs/record.ts';
import { again } from '../again.ts';
import { readChecks } from '../check/read-checks.ts';
import type { Command, Context } from '../command.ts';
import { UsageError } from '../errors.ts';
import { ifLeft } from '../execution/if-left.ts';
import { report } from '../execution/report.ts';
import { AWS_PACE, type KnownRun, LOCAL_PACE, newRun, runToEnd } from '../execution/run-to-end.ts';
import { buildImage } from '../image/build.ts';
import { CHECKOUT, readTarget, TARGET_OPTIONS, type Target, withTarget } from '../options.ts';
import { type MigrationFile, readMigrations } from '../release/folder.ts';
import { readIgnoreRules } from '../release/ignore.ts';
import { makeRelease } from '../release/make.ts';
import { readWhere, WHERE_OPTIONS, type Where } from '../release/prove-where.ts';
import { uploadRelease } from '../release/upload.ts';
import { requester } from '../requester.ts';
import type { Hints } from '../result/outcome-lines.ts';
import { findDatabase } from '../stack/find-database.ts';

export type MigrateSettings = {
  target: Target;
  migrations: string;
  where: Where;
  /** Reference of the image that the Job runs; null has one built, which only the local cloud can run. */
  image: string | null;
  onFailure: 'auto' | 'restore' | 'keep';
  onDrift: 'refuse' | 'list';
  hints: Hints;
  known: KnownRun;
};

/**
 * Takes a database to the newest version of a folder of migrations. The folder is read and checked before anything else,
 * its release is made while the local cloud starts, and neither is left half-made when the other fails.
 */
export async function migrate(settings: MigrateSettings, context: Context): Promise<OutcomeRecord> {
  const { target, migrations, where, image, onFailure, onDrift, hints, known } = settings;
  const files = await readMigrations(migrations);
  const ignore = await readIgnoreRules(migrations);
  const checks = await readChecks(migrations);
  const data = target.local?.data ?? null;
  const making = Promise.all([
    makeRelease({ files, ignore, checks, cache: data === null ? null : join(data, 'releases'), where, context }),
    imageOf(image, data, files, context.env),
  ]);
  const running = withTarget(target, context, async ({ stack, local }) => {
    known.timeScale = local?.timeScale ?? null;
    await findDatabase(stack, 'migrate');
    const [made, reference] = await making;
    const release = await uploadRelease(stack, made);
    return runToEnd({
      ...{ stack, known, context, machine: 'migrate', pace: local === null ? AWS_PACE : LOCAL_PACE },
      input: {
        ...{ database: target.database, release, image: reference, target: made.release.target, onFailure },
        ...{ onDrift, planDigest: null, requestedBy: stack.caller ?? requester(context.env) },
      },
      ifLeft: (execution) => ifLeft(execution, local?.own ?? false, hints),
    });
  });
  const [made, ran] = await Promise.allSettled([making, running]);
  if (ran.status === 'fulfilled') return ran.value;
  throw made.status === 'rejected' ? made.reason : ran.reason;
}

export const migrateCommand: Command = {
  positional: null,
  options: {
    migrations: {
      value: 'DIR',
      help: 'the folder with VERSION.do.NAME.sql files (default: migrations in the checkout)',
    },
    'on-failure': {
      value: 'WHAT',
      choices: ['auto', 'restore', 'keep'],
      help: 'what to do with a database that a failure leaves dirty: auto (default), restore, or keep',
    },
    'on-drift': {
      value: 'WHAT',
      choices: ['refuse', 'list'],
      help: 'what to do with a schema that is not that of its version before the run: refuse (default), or list it and go on',
    },
    image: { value: 'REF', help: 'the image of the runner with these migrations; needed on AWS, built with --local' },
    ...WHERE_OPTIONS,
    ...TARGET_OPTIONS,
    json: { help: 'print one JSON document on standard output; progress stays on standard error' },
  },
  exits: [
    {
      code: EXIT_CODES.Migrated,
      when: 'Migrated: at the newest version and validated; NothingToDo: it was there already',
    },
    { code: EXIT_CODES.FailedUntouched, when: 'FailedUntouched: nothing of the run is in the database, proved' },
    { code: EXIT_CODES.FailedRestored, when: 'FailedRestored: put back to before the run' },
    { code: EXIT_CODES.FailedKept, when: 'FailedKept: no version describes it, or nobody could look; marked dirty' },
    { code: EXIT_CODES.FailedPartway, when: 'FailedPartway: a clean stop at a version in between' },
    { code: EXIT_CODES.Refused, when: 'Refused: nothing was started; says why, and what helps' },
    { code: EXIT_USAGE, when: 'wrong usage, migrations that cannot be a release, or no such database' },
    { code: EXIT_FAULT, when: 'a fault of our own' },
    { code: 130, when: 'interrupted by Ctrl-C (129 hang-up, 143 SIGTERM); says what becomes of the run' },
  ],
  examples: [
    'carthub-db migrate --local',
    'carthub-db migrate --local --migrations ../shop/migrations --data /tmp/try',
    'carthub-db migrate --database carthub --image 123456789012.dkr.ecr.eu-west-1.amazonaws.com/runner@sha256:... --json',
  ],
  async run(given, context) {
    const target = readTarget(given, context);
    const image = given.text('image');
    if (image === null && target.local === null) throw noImage();
    const named = given.text('migrations');
    const migrations = named === null ? join(CHECKOUT, 'migrations') : resolve(context.cwd, named);
    const where = await readWhere(given, context);
    const known = newRun(target.database);
    const onFailure = choice(given.text('on-failure'));
    const onDrift = given.text('on-drift') === 'list' ? ('list' as const) : ('refuse' as const);
    const typed = { given, flags: target.flags };
    const validate = again('validate', ['migrations', 'prelude', 'server'], typed);
    const hints = { flags: target.flags, again: again('migrate', KEPT, typed), validate };
    return report({ known, json: given.flag('json'), hints, context }, () =>
      migrate({ target, migrations, where, image, onFailure, onDrift, hints, known }, context),
    );
  },
};

async function imageOf(
  image: string | null,
  data: string | null,
  files: readonly MigrationFile[],
  env: Context['env'],
): Promise<string> {
  if (image !== null) return image;
  if (data === null) throw noImage();
  return buildImage({ data, files, env });
}

/** What a further attempt is to be told as well. */
const KEPT = ['migrations', 'image', 'on-failure', 'on-drift', 'server', 'prelude'];

function noImage(): UsageError {
  return new UsageError('On AWS the Job needs an image.', {
    remedy: 'Give --image REF, the image that your pipeline built from the Dockerfile; or add --local.',
  });
}

function choice(text: string | null): 'auto' | 'restore' | 'keep' {
  return text === 'restore' || text === 'keep' ? text : 'auto';
}
