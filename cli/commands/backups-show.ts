import { isBackupId } from '../../lib/backups/keys.ts';
import { EXIT_FAULT, EXIT_USAGE } from '../../lib/runs/outcome.ts';
import type { Listed } from '../backups/read.ts';
import { showLines } from '../backups/show-lines.ts';
import type { Command } from '../command.ts';
import { UnknownBackupError, UnreadableBackupError, UsageError } from '../errors.ts';
import { nearest } from '../nearest.ts';
import { readTarget, TARGET_OPTIONS } from '../options.ts';
import { backups } from './backups.ts';

export const backupsShowCommand: Command = {
  positional: { name: 'ID', help: 'a backup, as carthub-db backups lists it' },
  options: {
    ...TARGET_OPTIONS,
    json: { help: 'print one JSON document: the manifest, "verification", "drill", "changed", "expires", ...' },
  },
  exits: [
    { code: 0, when: 'shown' },
    { code: EXIT_USAGE, when: 'wrong usage, or no such backup' },
    { code: EXIT_FAULT, when: 'its manifest, or the bucket, could not be read, or a fault of our own' },
  ],
  examples: ['carthub-db backups show night-2026-11-22 --local'],
  async run(given, context) {
    const id = given.positional;
    if (id === null || !isBackupId(id)) {
      throw new UsageError(id === null ? 'Which backup?' : `"${id}" is no name of a backup.`, {
        remedy: 'List them: carthub-db backups',
      });
    }
    const target = readTarget(given, context);
    const found = await backups({ target }, context);
    const backup = choose(id, found);
    const lines = () => showLines(backup, found).join('\n');
    context.terminal.out(given.flag('json') ? JSON.stringify(backup, null, 2) : lines());
    return 0;
  },
};

function choose(id: string, found: Awaited<ReturnType<typeof backups>>): Listed {
  const backup = found.backups.find((one) => one.id === id);
  if (backup) return backup;
  const broken = found.unreadable.find((one) => one.id === id);
  if (broken) {
    throw new UnreadableBackupError(`The documents of ${id} cannot be read: ${broken.reason}`, {
      remedy: `Look for an earlier version: aws s3api list-object-versions --bucket ${found.bucket} --prefix backups/${id}/`,
    });
  }
  const close = nearest(
    id,
    found.backups.map((one) => one.id),
  );
  const orphan = found.orphans.some((one) => one.id === id);
  const why = orphan ? 'only objects without a manifest: the run that wrote them failed, or has not ended' : 'none';
  throw new UnknownBackupError(`There is no backup ${id}: ${why}${close ? `; did you mean ${close}?` : '.'}`, {
    remedy: 'List those that there are: carthub-db backups',
  });
}
