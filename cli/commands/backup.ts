import { EXIT_CODES, EXIT_FAULT, EXIT_USAGE } from '../../lib/runs/outcome.ts';
import type { OutcomeRecord } from '../../lib/runs/record.ts';
import type { Command, Context } from '../command.ts';
import { ifLeft } from '../execution/if-left.ts';
import { report } from '../execution/report.ts';
import { AWS_PACE, type KnownRun, LOCAL_PACE, newRun, runToEnd } from '../execution/run-to-end.ts';
import { buildImage } from '../image/build.ts';
import { readTarget, TARGET_OPTIONS, type Target, withTarget } from '../options.ts';
import { PROGRAM } from '../program.ts';
import { requester } from '../requester.ts';
import type { Hints } from '../result/outcome-lines.ts';
import { findDatabase } from '../stack/find-database.ts';

type Settings = { target: Target; image: string | null; hints: Hints; known: KnownRun };

/** Makes a backup besides those of the nights, and has it read back. */
export function backUp({ target, image, hints, known }: Settings, context: Context): Promise<OutcomeRecord> {
  return withTarget(target, context, async ({ stack, local }) => {
    known.timeScale = local?.timeScale ?? null;
    await findDatabase(stack, 'backup');
    const data = target.local?.data ?? null;
    // A backup applies no files.
    const built = image === null && data !== null ? await buildImage({ data, files: [], env: context.env }) : image;
    return runToEnd({
      ...{ stack, known, context, machine: 'backup', pace: local === null ? AWS_PACE : LOCAL_PACE },
      input: { database: target.database, image: built, requestedBy: stack.caller ?? requester(context.env) },
      ifLeft: (execution) => ifLeft(execution, local?.own ?? false, hints),
    });
  });
}

export const backupCommand: Command = {
  positional: null,
  options: {
    image: {
      value: 'REF',
      help: 'the image of the runner; without it the one that last did its work here; built with --local',
    },
    ...TARGET_OPTIONS,
    json: { help: 'print one JSON document on standard output; progress stays on standard error' },
  },
  exits: [
    { code: EXIT_CODES.BackedUp, when: 'BackedUp: the backup is in S3, and was read back in full' },
    { code: EXIT_CODES.FailedBackup, when: 'FailedBackup: there is no backup; the database is as it was' },
    {
      code: EXIT_CODES.FailedVerification,
      when: 'FailedVerification: there is a backup that is damaged or could not be read back; it does not count',
    },
    { code: EXIT_CODES.Refused, when: 'Refused: nothing was started; says who has the database, and what helps' },
    { code: EXIT_USAGE, when: 'wrong usage, or no such database' },
    { code: EXIT_FAULT, when: 'a fault of our own' },
    { code: 130, when: 'interrupted by Ctrl-C (129 hang-up, 143 SIGTERM); says what becomes of the run' },
  ],
  examples: ['carthub-db backup --local', 'carthub-db backup --database carthub --json'],
  async run(given, context) {
    const target = readTarget(given, context);
    const known = newRun(target.database);
    const hints = { flags: target.flags, again: `${PROGRAM} backup${target.flags}` };
    return report({ known, json: given.flag('json'), hints, context }, () =>
      backUp({ target, image: given.text('image'), hints, known }, context),
    );
  },
};
