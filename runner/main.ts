import './low-memory.ts';
import { isBackupCommand } from './backup-environment.ts';

/** The program of the Jobs' containers. What a command does not need is not loaded: a backup has no use for SQL's grammar, nor memory. */
async function main(): Promise<number> {
  const [, , command = '', ...rest] = process.argv;
  if (isBackupCommand(command) && rest.length === 0)
    return (await import('./backup-command.ts')).backupCommand(command);
  return (await import('./migrate-command.ts')).migrateCommand();
}

main().then((code) => {
  // Not left to the event loop: what hangs may hold it. Writes to a pipe or a file are done when they return.
  process.exit(code);
});
