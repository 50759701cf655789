import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod/mini';

const retrier = z.strictObject({
  ErrorEquals: z.array(z.string()).check(z.minLength(1)),
  IntervalSeconds: z.optional(z.number()),
  MaxAttempts: z.optional(z.int()),
  BackoffRate: z.optional(z.number()),
  MaxDelaySeconds: z.optional(z.number()),
  JitterStrategy: z.optional(z.string()),
});

const catcher = z.strictObject({
  ErrorEquals: z.array(z.string()).check(z.minLength(1)),
  ResultPath: z.optional(z.nullable(z.string())),
  Next: z.string(),
});

const path = z.optional(z.nullable(z.string()));
const shared = {
  Comment: z.optional(z.string()),
  InputPath: path,
  OutputPath: path,
  Next: z.optional(z.string()),
  End: z.optional(z.literal(true)),
};

const task = z.strictObject({
  ...shared,
  Type: z.literal('Task'),
  Resource: z.string(),
  Parameters: z.optional(z.unknown()),
  ResultSelector: z.optional(z.unknown()),
  ResultPath: path,
  TimeoutSeconds: z.optional(z.int()),
  Retry: z.optional(z.array(retrier)),
  Catch: z.optional(z.array(catcher)),
});

const rule = z.looseObject({ Next: z.string() });
const choice = z.strictObject({
  Comment: z.optional(z.string()),
  InputPath: path,
  OutputPath: path,
  Type: z.literal('Choice'),
  Choices: z.array(rule).check(z.minLength(1)),
  Default: z.optional(z.string()),
});

const wait = z.strictObject({
  ...shared,
  Type: z.literal('Wait'),
  Seconds: z.optional(z.number()),
  SecondsPath: z.optional(z.string()),
});

const pass = z.strictObject({
  ...shared,
  Type: z.literal('Pass'),
  Result: z.optional(z.unknown()),
  Parameters: z.optional(z.unknown()),
  ResultPath: path,
});

const succeed = z.strictObject({
  Comment: z.optional(z.string()),
  InputPath: path,
  OutputPath: path,
  Type: z.literal('Succeed'),
});

const fail = z.strictObject({
  Comment: z.optional(z.string()),
  Type: z.literal('Fail'),
  Error: z.optional(z.string()),
  ErrorPath: z.optional(z.string()),
  Cause: z.optional(z.string()),
  CausePath: z.optional(z.string()),
});

/**
 * The part of the Amazon States Language that these workflows use and the guards understand. What is not listed (JSONata's
 * fields, Assign, Map, Parallel) does not parse, so that no guard is silent about what it cannot judge.
 */
const state = z.discriminatedUnion('Type', [task, choice, wait, pass, succeed, fail]);
const machine = z.strictObject({
  Comment: z.optional(z.string()),
  StartAt: z.string(),
  TimeoutSeconds: z.optional(z.int()),
  States: z.record(z.string(), state),
});

export type Task = z.infer<typeof task>;
export type Choice = z.infer<typeof choice>;
export type State = z.infer<typeof state>;
export type Machine = z.infer<typeof machine> & { name: string };

/** Reads a definition; throws with the place of what is not allowed. */
export function readMachine(name: string, definition: unknown): Machine {
  const parsed = machine.safeParse(definition);
  if (parsed.success) return { name, ...parsed.data };
  const issues = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new Error(`${name}: ${issues.join('; ')}`);
}

const FOLDER = join(import.meta.dirname, '../../../statemachines');

/** The repository's own definitions as JSON, by name, in the order of their names. */
export async function definitions(): Promise<Map<string, unknown>> {
  const files = (await readdir(FOLDER)).filter((file) => file.endsWith('.asl.json')).sort();
  const texts = await Promise.all(files.map((file) => readFile(join(FOLDER, file), 'utf8')));
  return new Map(files.map((file, index) => [file.replace('.asl.json', ''), JSON.parse(texts[index] ?? '')]));
}

export async function machines(): Promise<Machine[]> {
  return [...(await definitions())].map(([name, definition]) => readMachine(name, definition));
}

/** What a Task calls: a function, or another machine and waits for it. */
export type Called = { kind: 'function' | 'machine'; name: string };

const NESTED = 'arn:aws:states:::states:startExecution.sync:2';
const nestedParameters = z.object({ StateMachineArn: z.string(), Input: z.record(z.string(), z.unknown()) });
const PLACEHOLDER = /^\$\{([A-Za-z]+)\}$/;

export function called(at: Task): Called {
  const nested = at.Resource === NESTED;
  const reference = nested ? nestedParameters.parse(at.Parameters).StateMachineArn : at.Resource;
  const name = PLACEHOLDER.exec(reference)?.[1];
  if (name === undefined) throw new Error(`${reference} is no placeholder of the form \${Name}`);
  return { kind: nested ? 'machine' : 'function', name };
}

/** Every Task, with the machine that it is in and its name there. */
export function tasksOf(all: readonly Machine[]): { machine: Machine; name: string; at: Task }[] {
  return all.flatMap((machine) =>
    Object.entries(machine.States).flatMap(([name, at]) => (at.Type === 'Task' ? [{ machine, name, at }] : [])),
  );
}

/** `RunJob`, as a placeholder, is `run-job`, as a file. */
export function machineNamed(all: readonly Machine[], placeholder: string): Machine {
  const name = placeholder.replace(/(?<=[a-z])[A-Z]/g, (letter) => `-${letter}`).toLowerCase();
  const found = all.find((machine) => machine.name === name);
  if (found === undefined) throw new Error(`no machine ${name}`);
  return found;
}
