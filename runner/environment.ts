import { dirname, join } from 'node:path';
import * as z from 'zod/mini';
import { RunnerInputError } from './errors.ts';

const text = z.string().check(z.minLength(1));
const seconds = z.pipe(z.string().check(z.regex(/^[1-9]\d{0,5}$/)), z.transform(Number));

const variables = z.object({
  RUN_ID: text,
  /** The lease's token. */
  TOKEN: z.pipe(z.string().check(z.regex(/^\d{1,15}$/)), z.transform(Number)),
  BUCKET: text,
  RELEASE: z.string().check(z.regex(/^releases\/[0-9a-f]{64}\.json$/)),
  DATABASE: text,
  DEADLINE_SECONDS: seconds,
  VERDICT_PATH: text,
  DATABASE_URL: z.optional(text),
  DB_SECRET_ARN: z.optional(text),
  DATABASE_ALLOWED_HOSTS: z.optional(z.string()),
  /** File with the certificate authority of the database's server; RDS's own bundle without it. */
  PGSSLROOTCERT: z.optional(text),
  MIGRATIONS_DIR: z.optional(text),
  /** How long to wait for a predecessor's session to be gone. */
  LOCK_WAIT_SECONDS: z._default(seconds, 30),
});

export type Environment = {
  run: string;
  token: number;
  bucket: string;
  release: string;
  database: string;
  deadlineSeconds: number;
  verdictPath: string;
  databaseUrl: string | null;
  secretArn: string | null;
  allowedHosts: string[];
  rootCertificate: string | null;
  migrations: string;
  lockWaitSeconds: number;
};

/**
 * What the container was told, parsed once.
 *
 * @param program path of the program itself, beside which the image has its migrations
 * @throws RunnerInputError that names every variable that is wrong, and no value: one may be a password
 */
export function parseEnvironment(env: Record<string, string | undefined>, program: string): Environment {
  const parsed = variables.safeParse(env);
  if (!parsed.success) {
    const inputs = [...new Set(parsed.error.issues.map((issue) => issue.path.join('.')))];
    throw new RunnerInputError(`Missing or wrong in the environment: ${inputs.join(', ')}.`, {
      remedy: REMEDY,
      inputs,
    });
  }
  const given = parsed.data;
  if ((given.DATABASE_URL === undefined) === (given.DB_SECRET_ARN === undefined)) {
    const inputs = ['DATABASE_URL', 'DB_SECRET_ARN'];
    throw new RunnerInputError(`Give exactly one of ${inputs.join(' and ')}.`, { remedy: REMEDY, inputs });
  }
  return {
    run: given.RUN_ID,
    token: given.TOKEN,
    bucket: given.BUCKET,
    release: given.RELEASE,
    database: given.DATABASE,
    deadlineSeconds: given.DEADLINE_SECONDS,
    verdictPath: given.VERDICT_PATH,
    databaseUrl: given.DATABASE_URL ?? null,
    secretArn: given.DB_SECRET_ARN ?? null,
    allowedHosts: (given.DATABASE_ALLOWED_HOSTS ?? '')
      .split(',')
      .map((host) => host.trim())
      .filter(Boolean),
    rootCertificate: given.PGSSLROOTCERT ?? null,
    migrations: given.MIGRATIONS_DIR ?? join(dirname(program), 'migrations'),
    lockWaitSeconds: given.LOCK_WAIT_SECONDS,
  };
}

const REMEDY =
  "Start it through the migrate state machine, which gives the Job its environment; k8s/ shows the Job's manifest.";
