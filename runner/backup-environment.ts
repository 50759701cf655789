import * as z from 'zod/mini';
import { ALLOWANCES, type Allowance } from '../lib/backups/check-bucket.ts';
import { BACKUP_COMMANDS, type BackupCommand } from '../lib/backups/commands.ts';
import { isBackupId } from '../lib/backups/keys.ts';
import type { ToolPlaces } from '../lib/backups/tools.ts';
import type { Address } from './credentials.ts';
import type { Environment } from './environment.ts';
import { RunnerInputError } from './errors.ts';

export function isBackupCommand(text: string): text is BackupCommand {
  return BACKUP_COMMANDS.some((command) => command === text);
}

const text = z.string().check(z.minLength(1));
const seconds = z.pipe(z.string().check(z.regex(/^[1-9]\d{0,5}$/)), z.transform(Number));
const name = text.check(z.refine(isBackupId));
const allowances = z.pipe(
  z.string(),
  z.pipe(
    z.transform((list: string) =>
      list
        .split(',')
        .map((one) => one.trim())
        .filter(Boolean),
    ),
    z.array(z.enum(ALLOWANCES)),
  ),
);

const variables = z.object({
  RUN_ID: name,
  BACKUP_ID: name,
  BUCKET: text,
  DATABASE: text,
  DEADLINE_SECONDS: seconds,
  VERDICT_PATH: text,
  DATABASE_URL: z.optional(text),
  DB_SECRET_ARN: z.optional(text),
  /** Where the database of a secret is that holds no address, such as RDS keeps of a master user. */
  DB_HOST: z.optional(text),
  DB_PORT: z._default(seconds, 5432),
  DB_NAME: z._default(text, 'postgres'),
  DATABASE_ALLOWED_HOSTS: z._default(z.string(), ''),
  PGSSLROOTCERT: z.optional(text),
  /** The key that S3 encrypts with; the bucket's default without it. */
  BACKUP_KMS_KEY: z.optional(text),
  /** What is accepted of the bucket by name. */
  BACKUP_ALLOWED: z._default(allowances, []),
  PG_BIN: z.optional(text),
  PATH: z._default(z.string(), ''),
  /** A folder on a volume in memory. */
  MEMORY_DIR: z._default(text, '/tmp'),
  LOCK_WAIT_SECONDS: z._default(seconds, 30),
});

export type BackupEnvironment = Omit<Environment, 'token' | 'release' | 'migrations'> & {
  backup: string;
  address: Address | null;
  encryptionKey: string | null;
  allowed: Allowance[];
  tools: ToolPlaces;
  folder: string;
};

/**
 * What the container was told, parsed once.
 *
 * @throws RunnerInputError that names every variable that is wrong, and no value: one may be a password
 */
export function parseBackupEnvironment(
  env: Record<string, string | undefined>,
  command: BackupCommand,
): BackupEnvironment {
  const parsed = variables.safeParse(env);
  const wrong = parsed.success
    ? originOf(parsed.data, command)
    : [...new Set(parsed.error.issues.map(({ path }) => path.join('.')))];
  if (!parsed.success || wrong.length > 0) {
    throw new RunnerInputError(`Missing or wrong in the environment: ${wrong.join(', ')}.`, {
      remedy: REMEDY,
      inputs: wrong,
    });
  }
  const given = parsed.data;
  return {
    ...{ run: given.RUN_ID, backup: given.BACKUP_ID, bucket: given.BUCKET, database: given.DATABASE },
    ...{ deadlineSeconds: given.DEADLINE_SECONDS, verdictPath: given.VERDICT_PATH, allowed: given.BACKUP_ALLOWED },
    ...{ databaseUrl: given.DATABASE_URL ?? null, secretArn: given.DB_SECRET_ARN ?? null },
    address: given.DB_HOST === undefined ? null : { host: given.DB_HOST, port: given.DB_PORT, dbname: given.DB_NAME },
    allowedHosts: given.DATABASE_ALLOWED_HOSTS.split(',')
      .map((host) => host.trim())
      .filter(Boolean),
    ...{ rootCertificate: given.PGSSLROOTCERT ?? null, encryptionKey: given.BACKUP_KMS_KEY ?? null },
    tools: { pgBin: given.PG_BIN ?? null, path: given.PATH },
    ...{ folder: given.MEMORY_DIR, lockWaitSeconds: given.LOCK_WAIT_SECONDS },
  };
}

/** Exactly one of the two tells where the database is; reading a backup needs none. */
function originOf(
  given: { DATABASE_URL?: string | undefined; DB_SECRET_ARN?: string | undefined },
  command: BackupCommand,
): string[] {
  if (command === 'verify' || (given.DATABASE_URL === undefined) !== (given.DB_SECRET_ARN === undefined)) return [];
  return ['exactly one of DATABASE_URL and DB_SECRET_ARN'];
}

const REMEDY = 'Start it through the backup state machine, which gives the Job its environment.';
