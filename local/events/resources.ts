import * as z from 'zod/mini';

/**
 * The properties of `AWS::Events::Rule` and `AWS::Scheduler::Schedule` that the local cloud knows, with references resolved.
 * Roles are AWS's business.
 */
const retryPolicy = z.strictObject({
  MaximumRetryAttempts: z._default(z.int().check(z.nonnegative(), z.maximum(185)), 185),
  MaximumEventAgeInSeconds: z.optional(z.int()),
});

const target = z.strictObject({
  Id: z.string(),
  Arn: z.string(),
  RoleArn: z.optional(z.string()),
  Input: z.optional(z.string()),
  InputPath: z.optional(z.string()),
  InputTransformer: z.optional(
    z.strictObject({ InputPathsMap: z.record(z.string(), z.string()), InputTemplate: z.string() }),
  ),
  RetryPolicy: z.optional(retryPolicy),
});

export const ruleProperties = z.strictObject({
  Name: z.string(),
  Description: z.optional(z.string()),
  State: z._default(z.enum(['ENABLED', 'DISABLED']), 'ENABLED'),
  EventPattern: z.record(z.string(), z.unknown()),
  Targets: z.array(target),
});

export const scheduleProperties = z.strictObject({
  Name: z.string(),
  Description: z.optional(z.string()),
  State: z._default(z.enum(['ENABLED', 'DISABLED']), 'ENABLED'),
  ScheduleExpression: z.string(),
  ScheduleExpressionTimezone: z._default(z.string(), 'UTC'),
  FlexibleTimeWindow: z.strictObject({ Mode: z.literal('OFF') }),
  Target: z.strictObject({
    Arn: z.string(),
    RoleArn: z.optional(z.string()),
    Input: z._default(z.string(), '{}'),
    RetryPolicy: z.optional(retryPolicy),
  }),
});

export type RuleProperties = z.infer<typeof ruleProperties>;
export type ScheduleProperties = z.infer<typeof scheduleProperties>;
export type TargetFields = z.infer<typeof target>;
