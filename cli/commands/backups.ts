import { EXIT_FAULT, EXIT_USAGE } from '../../lib/runs/outcome.ts';
import { backupsDocument } from '../backups/document.ts';
import { backupsLines } from '../backups/lines.ts';
import { type Backups, readBackups } from '../backups/read.ts';
import type { Command, Context } from '../command.ts';
import { readTarget, TARGET_OPTIONS, type Target, withTarget } from '../options.ts';

/** The backups of a database, from S3 alone: no other service is asked, because this is for when they are gone. */
export function backups({ target }: { target: Target }, context: Context): Promise<Backups> {
  return withTarget(target, context, ({ stack }) =>
    readBackups({ s3: stack.s3, bucket: stack.names.bucket }, target.database, context.now()),
  );
}

export const backupsCommand: Command = {
  positional: null,
  options: {
    ...TARGET_OPTIONS,
    json: { help: 'print one JSON document: { "backups", "orphans", "unreadable", "foreign", "policy", ... }' },
  },
  exits: [
    { code: 0, when: 'whatever there is' },
    { code: EXIT_USAGE, when: 'wrong usage' },
    { code: EXIT_FAULT, when: 'the bucket could not be read, or a fault of our own' },
  ],
  examples: ['carthub-db backups --local', 'carthub-db backups --database carthub --json'],
  async run(given, context) {
    const target = readTarget(given, context);
    const found = await backups({ target }, context);
    const lines = () => backupsLines(found, target.flags).join('\n');
    context.terminal.out(given.flag('json') ? JSON.stringify(backupsDocument(found), null, 2) : lines());
    return 0;
  },
};
