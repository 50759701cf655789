import * as z from 'zod/mini';
import { isBackupId, isTimeZone } from '../backups/keys.ts';
import { isoTime } from '../backups/time.ts';
import { CarthubError } from '../errors.ts';
import { restoreOptions } from '../restore/order.ts';

/** What was given to start with is not usable. Nothing was started. */
export class InvalidInputError extends CarthubError {
  override readonly name = 'InvalidInputError';
}

export const onFailure = z.enum(['auto', 'restore', 'keep']);

/** What to do with a schema that is not that of its version before anything starts. */
const onDrift = z.enum(['refuse', 'list']);

/** The input of a migrate execution. */
export const migrateInput = z.strictObject({
  database: z.string().check(z.minLength(1)),
  /** Key of the release document in the bucket. */
  release: z.string().check(z.regex(/^releases\/[0-9a-f]{64}\.json$/)),
  image: z.string().check(z.minLength(1), z.maxLength(500)),
  /** The version to reach: the release's highest. */
  target: z.int().check(z.nonnegative()),
  onFailure: z._default(onFailure, 'auto'),
  onDrift: z._default(onDrift, 'refuse'),
  planDigest: z._default(z.nullable(z.string()), null),
  requestedBy: z.string().check(z.maxLength(300)),
});

/** A statement of a file, counted from 1: those before it count as done. */
const resumeAt = z.strictObject({
  file: z.string().check(z.minLength(1), z.maxLength(300)),
  step: z.int().check(z.positive()),
});

/** The input of an accept-state execution. */
export const acceptInput = z.strictObject({
  database: z.string().check(z.minLength(1)),
  reason: z.string().check(z.minLength(1), z.maxLength(2000)),
  /** Where to go on in a file of which a statement's end is not known; null: that statement runs again. */
  resumeAt: z._default(z.nullable(resumeAt), null),
  requestedBy: z.string().check(z.maxLength(300)),
});

/** The input of a restore execution: how it is to go, and who wants it why. */
export const restoreInput = z.strictObject({
  ...restoreOptions.shape,
  database: z.string().check(z.minLength(1)),
  reason: z.string().check(z.minLength(1), z.maxLength(2000)),
  requestedBy: z.string().check(z.maxLength(300)),
});

/** The input of a backup execution. */
export const backupInput = z.strictObject({
  database: z.string().check(z.minLength(1)),
  /** The time for which the schedule fired; null for a backup besides those of the nights. */
  scheduled: z._default(z.nullable(isoTime), null),
  /** Where the schedule lives: a night is a date there. */
  timeZone: z._default(z.string().check(z.refine(isTimeZone)), 'UTC'),
  /** The runner's image; null: the one that last did its work here. */
  image: z._default(z.nullable(z.string().check(z.minLength(1), z.maxLength(500))), null),
  /** How long to wait for a run that has the database, in seconds. */
  patience: z._default(z.int().check(z.nonnegative(), z.maximum(43_200)), 0),
  requestedBy: z.string().check(z.maxLength(300)),
});

/** The root executions that take the lease, and the sweeper, which takes it over. */
export const runKind = z.enum(['migrate', 'accept-state', 'restore', 'backup', 'sweep']);

/** What a backup execution makes. */
export const backupOrder = z.object({
  /** That of the backup: of the night, or the run's own. */
  id: z.string().check(z.refine(isBackupId)),
  patience: z.int(),
});

/** What every step of a run knows of it. `id` is the name of the root execution. */
export const run = z.object({
  id: z.string(),
  execution: z.string(),
  kind: runKind,
  database: z.string(),
  release: z.nullable(z.string()),
  image: z.nullable(z.string()),
  target: z.nullable(z.int()),
  onFailure,
  onDrift: z._default(onDrift, 'refuse'),
  planDigest: z.nullable(z.string()),
  reason: z.nullable(z.string()),
  resumeAt: z._default(z.nullable(resumeAt), null),
  /** How a restore is to go; null for other kinds, see `optionsOf`. */
  restore: z._default(z.nullable(restoreOptions), null),
  /** null for other kinds. */
  backup: z._default(z.nullable(backupOrder), null),
  requestedBy: z.string(),
  startedAt: z.string(),
});

export type Run = z.infer<typeof run>;
export type ResumeAt = z.infer<typeof resumeAt>;
export type RunKind = z.infer<typeof runKind>;

/** Parses `value`, or says which field is wrong and why. */
export function parseInput<T extends z.ZodMiniType>(schema: T, value: unknown, what: string): z.infer<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'the whole'}: ${issue.message}`);
  throw new InvalidInputError(`The input of ${what} is not valid: ${issues.join('; ')}.`, {
    remedy: `Start it with carthub-db ${what}, or give the fields that docs/architecture.md lists.`,
  });
}
