import * as z from 'zod/mini';
import { issuesOf } from '../issues.ts';
import { ServiceError } from '../service.ts';

const text = z.string().check(z.minLength(1));
const token = z.optional(z.string().check(z.minLength(32), z.maxLength(64)));
const value = {
  SecretString: z.optional(z.string().check(z.maxLength(65_536))),
  SecretBinary: z.optional(z.string()),
  ClientRequestToken: token,
};

// Strict: a field that is not known here would be ignored in silence.
export const createSecret = z.strictObject({
  Name: z.string().check(z.regex(/^(rds!)?[\w/+=.@-]{1,512}$/)),
  Description: z.optional(z.string()),
  KmsKeyId: z.optional(z.string()),
  Tags: z._default(z.array(z.object({ Key: z.string(), Value: z.string() })), []),
  ...value,
});
export const getSecretValue = z.strictObject({
  SecretId: text,
  VersionId: z.optional(text),
  VersionStage: z.optional(text),
});
export const putSecretValue = z.strictObject({ SecretId: text, VersionStages: z.optional(z.array(text)), ...value });
export const updateSecretVersionStage = z.strictObject({
  SecretId: text,
  VersionStage: text,
  RemoveFromVersionId: z.optional(text),
  MoveToVersionId: z.optional(text),
});
export const deleteSecret = z.strictObject({ SecretId: text, ForceDeleteWithoutRecovery: z.optional(z.boolean()) });
export const describeSecret = z.strictObject({ SecretId: text });
export const listSecrets = z.strictObject({
  MaxResults: z._default(z.int().check(z.gte(1), z.lte(100)), 100),
  NextToken: z.optional(z.string()),
  Filters: z._default(z.array(z.strictObject({ Key: z.literal('name'), Values: z.array(z.string()) })), []),
});

/** The input as the operation knows it; anything else is a ValidationException that says what. */
export function parse<S extends z.ZodMiniType>(schema: S, input: unknown): z.output<S> {
  const parsed = z.safeParse(schema, input);
  if (parsed.success) return parsed.data;
  throw new ServiceError('ValidationException', issuesOf(parsed.error));
}
