import { liftQuarantine, NotQuarantinedError } from '../../lib/quarantine/lift.ts';
import { type Quarantine, readQuarantine } from '../../lib/quarantine/quarantine.ts';
import { EXIT_FAULT, EXIT_USAGE } from '../../lib/runs/outcome.ts';
import type { Command, Context } from '../command.ts';
import { UsageError } from '../errors.ts';
import { readTarget, TARGET_OPTIONS, type Target, withTarget } from '../options.ts';
import { PROGRAM } from '../program.ts';
import { requester } from '../requester.ts';
import { findDatabase } from '../stack/find-database.ts';

/** The files that no migration applies, after lifting those that are named. */
export function quarantine(
  settings: { target: Target; lift: { files: string[] | 'all'; reason: string } | null },
  context: Context,
): Promise<Quarantine> {
  const { target, lift } = settings;
  const { database } = target;
  return withTarget(target, context, async ({ stack }) => {
    await findDatabase(stack, 'migrate');
    const documents = { s3: stack.s3, bucket: stack.names.bucket };
    if (lift === null) return readQuarantine(documents, database);
    const by = stack.caller ?? requester(context.env);
    return liftQuarantine({ documents, database, ...lift, by, now: context.now() });
  });
}

export const quarantineCommand: Command = {
  positional: null,
  options: {
    lift: { value: 'FILE,...', help: 'let these be applied again: names or SHA-256, or: all' },
    reason: { value: 'TEXT', help: 'why; kept' },
    ...TARGET_OPTIONS,
    json: { help: 'print one JSON document: { "database", "files", "lifted" }' },
  },
  exits: [
    { code: 0, when: 'shown, or lifted' },
    { code: EXIT_USAGE, when: 'wrong usage, no such database, or no such file is quarantined' },
    { code: EXIT_FAULT, when: 'a fault of our own' },
  ],
  examples: [
    'carthub-db quarantine --local',
    'carthub-db quarantine --lift 012.do.prices.sql --reason "it was the disk, not the file"',
  ],
  async run(given, context) {
    const lift = readLift(given.text('lift'), given.text('reason'));
    const target = readTarget(given, context);
    const { files, lifted } = await quarantine({ target, lift }, context).catch(asUsage);
    const { terminal } = context;
    if (given.flag('json')) terminal.out(JSON.stringify({ database: target.database, files, lifted }, null, 2));
    else terminal.out(quarantineLines({ files, lifted }, target).join('\n'));
    return 0;
  },
};

/** The quarantine as a person reads it. */
export function quarantineLines(
  { files, lifted }: Pick<Quarantine, 'files' | 'lifted'>,
  { database, flags }: Pick<Target, 'database' | 'flags'>,
): string[] {
  return [
    files.length === 0
      ? `${database}: no file is quarantined.`
      : `${database}: no migration applies these as they are:`,
    ...files.flatMap(({ file, sha256, run, since, reason }) => [
      `  ${file}  ${sha256}`,
      `    since ${since}, by run ${run}: ${reason}`,
    ]),
    ...(files.length === 0
      ? []
      : [`Mend them, or let one be tried again: ${PROGRAM} quarantine${flags} --lift FILE --reason TEXT`]),
    ...(lifted.length === 0 ? [] : ['Lifted before:']),
    ...lifted.map(({ file, by, at, reason }) => `  ${file}  ${at} by ${by}: ${reason}`),
  ];
}

function readLift(text: string | null, reason: string | null): { files: string[] | 'all'; reason: string } | null {
  const why = reason?.trim() ?? '';
  if (text === null && reason === null) return null;
  if (text === null) throw new UsageError('--reason is for --lift.', { remedy: 'Name what to lift: --lift FILE' });
  if (why === '') {
    throw new UsageError('A reason is needed.', { remedy: 'Say why, for whoever reads it later: --reason TEXT' });
  }
  const files = text.split(',').map((name) => name.trim());
  return { files: text.trim() === 'all' ? 'all' : files, reason: why };
}

function asUsage(error: unknown): never {
  if (!(error instanceof NotQuarantinedError)) throw error;
  throw new UsageError(error.message, { remedy: error.remedy, cause: error });
}
