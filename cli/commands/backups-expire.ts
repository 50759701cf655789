import { EXIT_FAULT, EXIT_USAGE } from '../../lib/runs/outcome.ts';
import { type Expiring, expiringLines, foretellExpiring } from '../backups/expiring.ts';
import type { Command, Context } from '../command.ts';
import { UsageError } from '../errors.ts';
import { readTarget, TARGET_OPTIONS, type Target, withTarget } from '../options.ts';
import { recentRuns } from '../stack/recent-runs.ts';

/** Runs of other kinds may lie between now and the last backup. */
const RUNS = 50;

/** What the next expiring would remove. Nothing is removed here. */
export function expiring({ target }: { target: Target }, context: Context): Promise<Expiring> {
  return withTarget(target, context, async ({ stack }) => {
    const documents = { s3: stack.s3, bucket: stack.names.bucket };
    const runs = await recentRuns(stack, RUNS);
    return foretellExpiring(documents, target.database, { runs, now: context.now });
  });
}

export const backupsExpireCommand: Command = {
  positional: null,
  options: {
    'dry-run': { help: 'show what would be removed, and why the rest stays' },
    ...TARGET_OPTIONS,
    json: { help: 'print one JSON document: { "policy", "lastRun", "blocked", "expired", "orphans", "kept" }' },
  },
  exits: [
    { code: 0, when: 'shown' },
    { code: EXIT_USAGE, when: 'wrong usage' },
    { code: EXIT_FAULT, when: 'the bucket could not be read, or a fault of our own' },
  ],
  examples: ['carthub-db backups expire --dry-run --local'],
  async run(given, context) {
    if (!given.flag('dry-run')) {
      throw new UsageError('What has expired is removed by the backup workflow, after a backup that was verified.', {
        remedy: 'See what would go: carthub-db backups expire --dry-run',
      });
    }
    const target = readTarget(given, context);
    const found = await expiring({ target }, context);
    const { blocked, expired, orphans, kept } = found.choice;
    const document = { policy: found.backups.policy, lastRun: found.lastRun, blocked, expired, orphans, kept };
    const lines = () => expiringLines(found).join('\n');
    context.terminal.out(given.flag('json') ? JSON.stringify(document, null, 2) : lines());
    return 0;
  },
};
