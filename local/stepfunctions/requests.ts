import * as z from 'zod/mini';
import { ServiceError } from '../service.ts';

const text = z.string();
const maxResults = z._default(z.int().check(z.nonnegative(), z.maximum(1000)), 0);
const nextToken = z.optional(text.check(z.minLength(1), z.maxLength(3096)));
const STATUSES = ['SUCCEEDED', 'TIMED_OUT', 'PENDING_REDRIVE', 'ABORTED', 'FAILED', 'RUNNING'] as const;

/** The requests of the operations that the local cloud has. */
export const requests = {
  StartExecution: z.object({
    stateMachineArn: text,
    name: z.optional(text),
    input: z._default(text, '{}'),
    traceHeader: z.optional(text),
  }),
  DescribeExecution: z.object({ executionArn: text, includedData: z.optional(text) }),
  GetExecutionHistory: z.object({
    executionArn: text,
    maxResults,
    nextToken,
    reverseOrder: z._default(z.boolean(), false),
    includeExecutionData: z._default(z.boolean(), true),
  }),
  StopExecution: z.object({
    executionArn: text,
    error: z.optional(text.check(z.maxLength(256))),
    cause: z.optional(text.check(z.maxLength(32_768))),
  }),
  ListExecutions: z.object({
    stateMachineArn: text,
    statusFilter: z.optional(z.enum(STATUSES)),
    maxResults,
    nextToken,
  }),
  ListStateMachines: z.object({ maxResults, nextToken }),
  DescribeStateMachine: z.object({ stateMachineArn: text, includedData: z.optional(text) }),
  DescribeStateMachineForExecution: z.object({ executionArn: text, includedData: z.optional(text) }),
};

/** @throws {ServiceError} `ValidationException`, which names the field and what is wrong with it */
export function readRequest<S extends z.ZodMiniType>(schema: S, input: Record<string, unknown>): z.output<S> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const field = issue?.path.map(String).join('.') ?? '';
  const value = input[field];
  const shown = value === undefined ? 'Value null' : `Value '${String(value)}'`;
  throw new ServiceError(
    'ValidationException',
    `1 validation error detected: ${shown} at '${field}' failed to satisfy constraint: ${constraint(issue)}`,
  );
}

function constraint(issue: z.core.$ZodIssue | undefined): string {
  switch (issue?.code) {
    case 'invalid_value':
      return `Member must satisfy enum value set: [${issue.values.map(String).join(', ')}]`;
    case 'too_big':
      return `Member must have ${issue.origin === 'string' ? 'length' : 'value'} less than or equal to ${issue.maximum}`;
    case 'too_small':
      return `Member must have ${issue.origin === 'string' ? 'length' : 'value'} greater than or equal to ${issue.minimum}`;
    default:
      return 'Member must not be null';
  }
}
