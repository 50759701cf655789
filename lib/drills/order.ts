import * as z from 'zod/mini';
import { isBackupId } from '../backups/keys.ts';

/** What RDS takes for a name: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html */
const identifier = z.string().check(z.maxLength(60), z.regex(/^[a-z](?:-?[a-z0-9])*$/));

/** The input of a drill execution. */
export const drillInput = z.strictObject({
  database: z.string().check(z.minLength(1)),
  /** Null: the newest verified one, of a schema that was never restored if there is such a one. */
  backup: z._default(z.nullable(z.string().check(z.refine(isBackupId))), null),
  /** The runner's image; null: the one that last did its work here. */
  image: z._default(z.nullable(z.string().check(z.minLength(1), z.maxLength(500))), null),
  /** `due`: when a schema was never restored, or the last drill is `everyDays` old. */
  when: z._default(z.enum(['now', 'due']), 'now'),
  everyDays: z._default(z.int().check(z.positive()), 7),
  /** The name of an instance that is kept, with the backup in it; null for a drill, whose instance goes. */
  into: z._default(z.nullable(identifier), null),
  requestedBy: z.string().check(z.maxLength(300)),
});

export type DrillInput = z.infer<typeof drillInput>;

/** What every step of a drill knows of it. `id` is the name of its execution. */
export const drillRun = z.object({
  id: z.string(),
  execution: z.string(),
  database: z.string(),
  startedAt: z.string(),
  requestedBy: z.string(),
});

export type DrillRun = z.infer<typeof drillRun>;

/** What is restored into what. */
export const drillPlan = z.object({
  due: z.boolean(),
  why: z.string(),
  backup: z.string(),
  image: z.string(),
  instance: z.string(),
  keep: z.boolean(),
});

export type DrillPlan = z.infer<typeof drillPlan>;
