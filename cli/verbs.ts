import type { Verb } from './command.ts';

export const VERBS: readonly Verb[] = [
  {
    name: 'migrate',
    summary: 'takes a database to the newest version of a folder of migrations, and says what became of it',
    load: async () => (await import('./commands/migrate.ts')).migrateCommand,
  },
  {
    name: 'check',
    summary: 'tries a folder of migrations on a database of its own: applies, checks, undoes and applies again',
    load: async () => (await import('./commands/check.ts')).checkCommand,
  },
  {
    name: 'schema',
    summary: 'writes down the schema that a folder of migrations makes, or says whether it is written down',
    load: async () => (await import('./commands/schema.ts')).schemaCommand,
  },
  {
    name: 'query',
    summary: 'runs SQL on the database and prints what it answers',
    load: async () => (await import('./commands/query.ts')).queryCommand,
  },
  {
    name: 'validate',
    summary: 'compares the schema of the database with what the migrations say at its version, and shows what differs',
    load: async () => (await import('./commands/validate.ts')).validateCommand,
  },
  {
    name: 'status',
    summary: 'shows the version, who holds the database, whether it is marked dirty, and the last runs',
    load: async () => (await import('./commands/status.ts')).statusCommand,
  },
  {
    name: 'accept-state',
    summary: 'assesses a database that is marked dirty anew, records why you take it as it is, and clears the mark',
    load: async () => (await import('./commands/accept-state.ts')).acceptStateCommand,
  },
  {
    name: 'restore',
    summary: 'puts a database back to a moment, and shows exactly what would be lost before anything is',
    load: async () => (await import('./commands/restore.ts')).restoreCommand,
  },
  {
    name: 'backup',
    summary: 'makes a backup in S3 and reads it back in full',
    load: async () => (await import('./commands/backup.ts')).backupCommand,
  },
  {
    name: 'backups',
    summary: 'lists the backups: how old, whether verified and drilled, how long a restore took, when each expires',
    load: async () => (await import('./commands/backups.ts')).backupsCommand,
  },
  {
    name: 'backups show',
    summary: 'shows everything of one backup, and how to restore it by hand',
    load: async () => (await import('./commands/backups-show.ts')).backupsShowCommand,
  },
  {
    name: 'backups expire',
    summary: 'shows which backups the next expiring would remove, and why the others stay',
    load: async () => (await import('./commands/backups-expire.ts')).backupsExpireCommand,
  },
  {
    name: 'drill',
    summary:
      'restores a backup into an instance of its own, compares it with its manifest, and says how long that took',
    load: async () => (await import('./commands/drill.ts')).drillCommand,
  },
  {
    name: 'quarantine',
    summary: 'shows the files that no migration applies because they made the database dirty, or lifts that',
    load: async () => (await import('./commands/quarantine.ts')).quarantineCommand,
  },
  {
    name: 'local up',
    summary: 'keeps the local cloud running in the foreground and prints the environment that leads to it',
    load: async () => (await import('./commands/local-up.ts')).localUpCommand,
  },
  {
    name: 'local reset',
    summary: "removes the local cloud's data",
    load: async () => (await import('./commands/local-reset.ts')).localResetCommand,
  },
];
