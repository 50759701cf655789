import { isBackupId } from '../../lib/backups/keys.ts';
import { EXIT_CODES, EXIT_FAULT, EXIT_USAGE } from '../../lib/runs/outcome.ts';
import type { OutcomeRecord } from '../../lib/runs/record.ts';
import type { Command, Context } from '../command.ts';
import { UsageError } from '../errors.ts';
import { ifLeft } from '../execution/if-left.ts';
import { report } from '../execution/report.ts';
import { AWS_PACE, type KnownRun, LOCAL_PACE, newRun, runToEnd } from '../execution/run-to-end.ts';
import { readTarget, TARGET_OPTIONS, type Target, withTarget } from '../options.ts';
import { PROGRAM } from '../program.ts';
import { requester } from '../requester.ts';
import type { Hints } from '../result/outcome-lines.ts';
import { findDatabase } from '../stack/find-database.ts';

type Settings = {
  target: Target;
  /** Null: the newest verified one. */
  backup: string | null;
  image: string | null;
  /** The name of an instance that is kept. */
  into: string | null;
  hints: Hints;
  known: KnownRun;
};

/** Restores a backup into an instance of its own, which goes afterwards unless it has a name. */
export function drill(settings: Settings, context: Context): Promise<OutcomeRecord> {
  const { target, backup, image, into, hints, known } = settings;
  return withTarget(target, context, async ({ stack, local }) => {
    known.timeScale = local?.timeScale ?? null;
    await findDatabase(stack, 'drill');
    const requestedBy = stack.caller ?? requester(context.env);
    return runToEnd({
      ...{ stack, known, context, machine: 'drill', pace: local === null ? AWS_PACE : LOCAL_PACE },
      input: { database: target.database, backup, image, into, requestedBy },
      ifLeft: (execution) => ifLeft(execution, local?.own ?? false, hints),
    });
  });
}

/** @throws UsageError */
export function checkBackupId(id: string): string {
  if (isBackupId(id)) return id;
  throw new UsageError(`"${id}" is no name of a backup.`, { remedy: `List them: ${PROGRAM} backups` });
}

export const drillCommand: Command = {
  positional: { name: 'ID', help: 'a backup, as backups lists it; without it the newest that is verified' },
  options: {
    image: { value: 'REF', help: 'the image of the runner; without it the one that last did its work here' },
    ...TARGET_OPTIONS,
    json: { help: 'print one JSON document on standard output; progress stays on standard error' },
  },
  exits: [
    { code: EXIT_CODES.Drilled, when: 'Drilled: the backup was restored, and is what its manifest says' },
    { code: EXIT_CODES.DrillFailed, when: 'DrillFailed: it was not restored, or not as it was made; says why' },
    { code: EXIT_CODES.Refused, when: 'Refused: nothing was made; there is no such backup, or none is verified' },
    { code: EXIT_USAGE, when: 'wrong usage, or no such database' },
    { code: EXIT_FAULT, when: 'a fault of our own' },
    { code: 130, when: 'interrupted by Ctrl-C (129 hang-up, 143 SIGTERM); says what becomes of the run' },
  ],
  examples: ['carthub-db drill --local', 'carthub-db drill night-2026-11-22 --database carthub --json'],
  async run(given, context) {
    const backup = given.positional === null ? null : checkBackupId(given.positional);
    const target = readTarget(given, context);
    const known = newRun(target.database);
    const again = `${PROGRAM} drill${backup === null ? '' : ` ${backup}`}${target.flags}`;
    const hints = { flags: target.flags, again };
    return report({ known, json: given.flag('json'), hints, context }, () =>
      drill({ target, backup, image: given.text('image'), into: null, hints, known }, context),
    );
  },
};
