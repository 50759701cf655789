import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import type { Arguments } from './arguments.ts';
import type { Context, Option } from './command.ts';
import { dataFolder } from './data-folder.ts';
import { UsageError } from './errors.ts';
import { withCloud } from './local-cloud/with-cloud.ts';
import { CHECKOUT, quoted } from './program.ts';
import { databaseName } from './stack/names.ts';
import { type Stack, withAwsStack, withLocalStack } from './stack/stack.ts';

export { CHECKOUT, quoted };

export const DATA_OPTION: Record<string, Option> = {
  data: {
    value: 'DIR',
    help: "the local cloud's data (default: CARTHUB_DB_DATA, else .carthub-db in the checkout, else a folder that it names)",
  },
};

export const TIME_SCALE_OPTION: Record<string, Option> = {
  'time-scale': { value: 'F', help: 'what the local cloud multiplies waits by (default: 0.02; 1 is real time)' },
};

/** Which database, and where: shared by all verbs that work on one. */
export const TARGET_OPTIONS: Record<string, Option> = {
  database: { value: 'NAME', help: 'the database, which has a stack of that name (default: carthub)' },
  local: { help: 'use the local cloud: the one that runs on the data folder, or one for the duration of this command' },
  ...DATA_OPTION,
  ...TIME_SCALE_OPTION,
};

/** Where a command is to work, as the command line says it. */
export type Target = {
  database: string;
  local: { data: string; timeScale: number | null } | null;
  /** What a further command needs to find the same: ` --local --data DIR`. */
  flags: string;
};

export function readTarget(given: Arguments, context: Context): Target {
  const database = databaseName(given.text('database') ?? 'carthub');
  const timeScale = readTimeScale(given);
  const flags = targetFlags(given, context.cwd);
  if (given.flag('local')) return { database, local: { data: readData(given, context), timeScale }, flags };
  for (const option of ['data', 'time-scale']) {
    if (given.text(option) !== null) {
      throw new UsageError(`--${option} is of the local cloud.`, { remedy: `Add --local, or leave --${option} out.` });
    }
  }
  return { database, local: null, flags };
}

/** What leads a further command to the same database, wherever it is typed. */
export function targetFlags(given: Arguments, cwd: string): string {
  const [database, data] = [given.text('database'), given.text('data')];
  return [
    ...(database === null || database === 'carthub' ? [] : [` --database ${quoted(database)}`]),
    ...(given.flag('local') ? [' --local'] : []),
    ...(given.flag('local') && data !== null ? [` --data ${quoted(resolve(cwd, data))}`] : []),
  ].join('');
}

/** What the local cloud takes: more than real time makes no sense there. */
export function readTimeScale(given: Arguments): number | null {
  const timeScale = given.number('time-scale');
  if (timeScale === null || timeScale <= 1) return timeScale;
  throw new UsageError(`--time-scale ${timeScale} would be slower than real time.`, { remedy: 'Give 1 or less.' });
}

/** The data folder; where it is not the usual one, standard error says so. */
export function readData(given: Arguments, { env, cwd, terminal }: Context): string {
  const { path, note } = dataFolder({
    ...{ named: given.text('data'), checkout: CHECKOUT, cwd, env },
    ...{ temporary: tmpdir(), system: '/var/lib' },
  });
  if (note !== null) terminal.err(note);
  return path;
}

export type UsedStack = {
  stack: Stack;
  /** On the local cloud: its time scale, whether it ends with this command, and its certificate authority. */
  local: { timeScale: number; own: boolean; databaseCaFile: string } | null;
};

/** Lends `use` the stack of the target. */
export function withTarget<T>(
  { database, local }: Target,
  { terminal, interrupted }: Context,
  use: (used: UsedStack) => Promise<T>,
): Promise<T> {
  if (local === null) return withAwsStack({ database }, (stack) => use({ stack, local: null }));
  return withCloud({ ...local, terminal, interrupted }, ({ cloud, own }) =>
    withLocalStack({ cloud, database }, (stack) => {
      const { timeScale, databaseCaFile } = cloud;
      return use({ stack, local: { timeScale, own, databaseCaFile } });
    }),
  );
}
