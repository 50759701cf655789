import { EXIT_CODES, EXIT_FAULT, EXIT_USAGE } from '../../lib/runs/outcome.ts';
import type { Arguments } from '../arguments.ts';
import type { Command, Context } from '../command.ts';
import { report } from '../execution/report.ts';
import { newRun } from '../execution/run-to-end.ts';
import { readTarget, TARGET_OPTIONS } from '../options.ts';
import { PROGRAM } from '../program.ts';
import { reasonFor } from '../restore/agree.ts';
import { orderText } from '../restore/command-line.ts';
import { BACKUP_OPTIONS, readFromBackup } from '../restore/from-backup.ts';
import { planLines } from '../restore/plan-lines.ts';
import { plan, restore } from '../restore/restore.ts';
import { RESTORE_OPTIONS, readRestore } from '../restore/settings.ts';
import { zoneHere } from '../restore/zone.ts';
import { drill } from './drill.ts';

export const restoreCommand: Command = {
  positional: null,
  options: {
    ...RESTORE_OPTIONS,
    ...BACKUP_OPTIONS,
    ...TARGET_OPTIONS,
    instance: { value: 'ID', help: 'the RDS instance, where the stack was deployed for another one than NAME-db' },
    json: { help: 'print one JSON document on standard output; progress stays on standard error' },
  },
  exits: [
    { code: EXIT_CODES.Restored, when: 'Restored: the restored instance serves, verified; or --plan showed the plan' },
    { code: EXIT_CODES.DrillFailed, when: 'DrillFailed: the backup was not restored, and its new instance is gone' },
    {
      code: EXIT_CODES.FailedKept,
      when: 'FailedKept: something failed; the old instance serves as before, the copy is kept',
    },
    { code: EXIT_CODES.Refused, when: 'Refused: nothing was started; says why, and what helps' },
    {
      code: EXIT_CODES.NeedsAcceptance,
      when: 'NeedsAcceptance: rows would be lost that nobody accepted; the old instance serves, the copy is kept: --resume',
    },
    { code: EXIT_USAGE, when: 'wrong usage, a moment that cannot be restored, not agreed to, or no such database' },
    { code: EXIT_FAULT, when: 'a fault of our own' },
    { code: 130, when: 'interrupted by Ctrl-C (129 hang-up, 143 SIGTERM); says what becomes of the run' },
  ],
  examples: [
    'carthub-db restore --plan --to "10m ago"',
    'carthub-db restore --to 2026-01-31T03:00:00+01:00 --reason "orders were deleted at 03:02"',
    'carthub-db restore --before-run carthub-20260131T020000Z-0a1b --plan-digest 6f1e... --reason "012 broke the carts"',
    'carthub-db restore --backup night-2026-01-31 --into carthub-db-audit',
    'carthub-db restore --resume carthub-20260131T021500Z-9c3d --accept-loss public.carts=3 --reason "seen, test data"',
  ],
  async run(given, context) {
    const fromBackup = readFromBackup(given);
    if (fromBackup !== null) return restoreBackup(given, fromBackup, context);
    const zone = zoneHere();
    const wanted = readRestore(given, { now: context.now(), zone });
    const target = readTarget(given, context);
    const instance = given.text('instance');
    if (given.flag('plan')) {
      const { command, ...made } = await plan({ target, instance, wanted }, context);
      const at = { now: context.now(), zone };
      const lines = [...planLines(made, at), '', `digest: ${made.plan.digest}`, `do it:  ${command}`];
      context.terminal.out(
        given.flag('json') ? JSON.stringify({ plan: made.plan, command }, null, 2) : lines.join('\n'),
      );
      return 0;
    }
    const known = newRun(target.database);
    if (wanted.reason === null && wanted.order !== null && !context.terminal.isWatched) await reasonFor(null, context);
    const meant = wanted.order === null ? `--resume ${wanted.options.resume}` : orderText(wanted.order);
    const hints = { flags: target.flags, again: `${PROGRAM} restore${target.flags} ${meant} --plan` };
    return report({ known, json: given.flag('json'), hints, context }, () =>
      restore({ target, instance, wanted, hints, known }, context),
    );
  },
};

/** A drill whose instance stays. */
function restoreBackup(given: Arguments, wanted: { backup: string; into: string }, context: Context): Promise<number> {
  const target = readTarget(given, context);
  const known = newRun(target.database);
  const { backup, into } = wanted;
  const hints = { flags: target.flags, again: `${PROGRAM} restore --backup ${backup} --into ${into}${target.flags}` };
  return report({ known, json: given.flag('json'), hints, context }, () =>
    drill({ target, backup, into, image: null, hints, known }, context),
  );
}
