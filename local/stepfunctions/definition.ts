import * as z from 'zod/mini';
import { compileChoice } from './choice.ts';
import { isObject, type Json } from './json.ts';
import { parsePath, parseReferencePath } from './path.ts';
import { compileExpression, compileTemplate } from './template.ts';

/**
 * The part of the Amazon States Language that the local cloud runs, in JSONPath, as a schema that also compiles. What is
 * not in it (JSONata, Assign, Map, Parallel, heartbeats, task tokens) is refused by name.
 */
function compiled<From, To>(from: z.ZodMiniType<From>, compile: (value: From) => To) {
  return z.pipe(
    from,
    z.transform((value: From, context): To => {
      try {
        return compile(value);
      } catch (error) {
        context.issues.push({
          code: 'custom',
          message: error instanceof Error ? error.message : String(error),
          input: value,
        });
        return z.NEVER;
      }
    }),
  );
}

const json: z.ZodMiniType<Json> = z.json();
const path = compiled(z.string(), parsePath);
const template = compiled(json, compileTemplate);
const seconds = z.int().check(z.nonnegative(), z.maximum(99_999_999));
const names = z.array(z.string()).check(z.minLength(1));

/** Fields that every state has. `Comment` and `QueryLanguage` change nothing. */
const any = { Comment: z.optional(z.string()), QueryLanguage: z.optional(z.literal('JSONPath')) };
const filters = { InputPath: z.optional(z.nullable(path)), OutputPath: z.optional(z.nullable(path)) };
const flow = { Next: z.optional(z.string()), End: z.optional(z.literal(true)) };
const resultPath = { ResultPath: z.optional(z.nullable(compiled(z.string(), parseReferencePath))) };

const retrier = z.strictObject({
  Comment: z.optional(z.string()),
  ErrorEquals: names,
  IntervalSeconds: z.optional(seconds.check(z.positive())),
  MaxAttempts: z.optional(seconds),
  BackoffRate: z.optional(z.number().check(z.minimum(1))),
  MaxDelaySeconds: z.optional(seconds.check(z.positive())),
  JitterStrategy: z.optional(z.enum(['FULL', 'NONE'])),
});

const catcher = z.strictObject({
  Comment: z.optional(z.string()),
  ErrorEquals: names,
  ...resultPath,
  Next: z.string(),
});

const task = z.strictObject({
  ...any,
  ...filters,
  ...flow,
  ...resultPath,
  Type: z.literal('Task'),
  Resource: z.string(),
  Parameters: z.optional(template),
  ResultSelector: z.optional(template),
  TimeoutSeconds: z.optional(seconds.check(z.positive())),
  TimeoutSecondsPath: z.optional(path),
  Retry: z.optional(z.array(retrier)),
  Catch: z.optional(z.array(catcher)),
});

const pass = z.strictObject({
  ...any,
  ...filters,
  ...flow,
  ...resultPath,
  Type: z.literal('Pass'),
  Parameters: z.optional(template),
  Result: z.optional(json),
});

const wait = z.strictObject({
  ...any,
  ...filters,
  ...flow,
  Type: z.literal('Wait'),
  Seconds: z.optional(seconds),
  SecondsPath: z.optional(path),
});

const choice = z.strictObject({
  ...any,
  ...filters,
  Type: z.literal('Choice'),
  Choices: z
    .array(
      compiled(json, (rule) => {
        if (!isObject(rule)) throw new Error('A choice rule is an object.');
        return compileChoice(rule);
      }),
    )
    .check(z.minLength(1)),
  Default: z.optional(z.string()),
});

const succeed = z.strictObject({ ...any, ...filters, Type: z.literal('Succeed') });

const fail = z.strictObject({
  ...any,
  Type: z.literal('Fail'),
  Error: z.optional(z.string()),
  Cause: z.optional(z.string()),
  ErrorPath: z.optional(compiled(z.string(), (text) => compileExpression(text, 'ErrorPath'))),
  CausePath: z.optional(compiled(z.string(), (text) => compileExpression(text, 'CausePath'))),
});

export const definition = z.strictObject({
  Comment: z.optional(z.string()),
  Version: z.optional(z.literal('1.0')),
  QueryLanguage: z.optional(z.literal('JSONPath')),
  StartAt: z.string(),
  TimeoutSeconds: z.optional(seconds.check(z.positive())),
  States: z.record(z.string(), z.discriminatedUnion('Type', [task, pass, wait, choice, succeed, fail])),
});

export type Definition = z.infer<typeof definition>;
export type State = Definition['States'][string];
export type TaskState = z.infer<typeof task>;
export type Retrier = z.infer<typeof retrier>;
export type Catcher = z.infer<typeof catcher>;
