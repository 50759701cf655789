import * as z from 'zod/mini';
import { someSettings, storedSettings } from './settings.ts';

export const tags = z.array(z.object({ Key: z.string(), Value: z.string() }));
export type Tags = z.infer<typeof tags>;

/** What is still to be done to an instance, whether now or in its next maintenance window. */
const change = z.object({
  identifier: z.nullable(z.string()),
  /** SCRAM verifier of the master user's new password: the password itself is never kept. */
  masterVerifier: z.nullable(z.string()),
  /** What is to become of the secret that RDS keeps the master user's password in; the token names secret or version. */
  secret: z._default(z.nullable(z.object({ kind: z.enum(['manage', 'rotate', 'release']), token: z.string() })), null),
  settings: someSettings,
});
export type Change = z.infer<typeof change>;
export const noChange = (): Change => ({ identifier: null, masterVerifier: null, secret: null, settings: {} });

/** Where the content of an instance comes from; kept, so that a creation that was cut off can be done anew. */
const origin = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('new'), masterVerifier: z.string() }),
  z.object({ kind: z.literal('snapshot'), snapshot: z.string() }),
  /** `at` in ISO 8601; the automated backups are found by the source's resource id, which outlives it. */
  z.object({ kind: z.literal('time'), source: z.string(), at: z.string() }),
]);
export type Origin = z.infer<typeof origin>;

const status = z.enum([
  'creating',
  'backing-up',
  'available',
  'modifying',
  'renaming',
  'resetting-master-credentials',
  'configuring-enhanced-monitoring',
  'configuring-iam-database-auth',
  'configuring-log-exports',
  'rebooting',
  'deleting',
  'failed',
  'incompatible-restore',
  'retained',
]);

/** An instance, or the automated backups that a deleted one left behind (status `retained`, which RDS never shows). */
export const instance = z.object({
  resourceId: z.string(),
  identifier: z.string(),
  status,
  /** What a failed one was in the middle of: the next start tries that again. */
  failedIn: z.optional(status),
  createdAt: z.string(),
  masterUsername: z.string(),
  /** The database made at creation; null when none was asked for. */
  database: z.nullable(z.string()),
  origin,
  settings: storedSettings,
  securityGroups: z.array(z.object({ id: z.string(), status: z.enum(['active', 'adding', 'removing']) })),
  /** `inForce` is the group that the running server was started with. */
  parameterGroup: z.object({ name: z.string(), inForce: z.string() }),
  tags,
  /** Of its automated backup. */
  backupTags: z._default(tags, []),
  roles: z._default(
    z.array(z.object({ arn: z.string(), feature: z.string(), status: z.enum(['PENDING', 'ACTIVE']) })),
    [],
  ),
  /** The secret that RDS keeps the master user's password in; null where it does not. */
  masterSecret: z._default(
    z.nullable(z.object({ arn: z.string(), status: z.enum(['creating', 'active', 'rotating']), kmsKeyId: z.string() })),
    null,
  ),
  /** While the blocks of a restored instance's storage still come from S3. */
  hydration: z._default(z.nullable(z.object({ from: z.string(), until: z.string() })), null),
  /** Being applied now. */
  due: change,
  /** For the maintenance window, which never comes here: until a call with ApplyImmediately. */
  waiting: change,
  /** The time of the last commit known to be archived. */
  latestRestorableTime: z.nullable(z.string()),
  deletion: z.nullable(z.object({ finalSnapshot: z.nullable(z.string()), keepBackups: z.boolean() })),
});
export type Instance = z.infer<typeof instance>;

/** Which security groups let connections in now: those that are no longer, or not yet, part of it do not count. */
export function activeSecurityGroups({ securityGroups }: Instance): string[] {
  return securityGroups.filter(({ status }) => status !== 'adding').map(({ id }) => id);
}

/** The statuses of an instance that something is being changed of, which ends in `available`. */
export const CHANGING: Instance['status'][] = [
  ...(['modifying', 'renaming', 'resetting-master-credentials', 'configuring-enhanced-monitoring'] as const),
  ...(['configuring-iam-database-auth', 'configuring-log-exports'] as const),
];
