import { decide } from './choice.ts';
import { called, type Machine, machineNamed, type State, type Task } from './machine.ts';
import { lacks } from './requirement.ts';
import { fingerprint, put, type Shape, steps } from './shape.ts';
import { evaluate, type Read, read } from './template.ts';

export type Known = {
  all: readonly Machine[];
  /** How each machine may be started from outside. */
  entries: ReadonlyMap<string, readonly Shape[]>;
  /** How each function may answer. */
  answers: ReadonlyMap<string, readonly Shape[]>;
  /** What each function wants, as JSON Schema. */
  wants: ReadonlyMap<string, unknown>;
};

/** Step Functions promises the name of an error and not its cause: https://states-language.net/spec.html#error-output */
const ERROR: Shape = { Error: 'value' };

/**
 * Reads of a path that some way to them does not write, and calls of a function without what it wants. In JSONPath such a
 * read is `States.Runtime`, which no Catch sees (https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html),
 * so the execution dies where it stands.
 */
export function dataflowFindings(known: Known): string[] {
  const found = [...known.entries].flatMap(([name, inputs]) => {
    const machine = known.all.find((one) => one.name === name);
    if (machine === undefined) throw new Error(`no machine ${name}`);
    return inputs.flatMap((input) => follow(machine, input, known).findings);
  });
  return [...new Set(found)].sort();
}

type Way = { to: string; shape: Shape };
type Followed = { findings: string[]; outputs: Shape[] };

/** Runs a machine over shapes instead of values, on every way, until no state is met with anything new. */
function follow(machine: Machine, input: Shape, known: Known): Followed {
  const seen = new Set<string>();
  const open: Way[] = [{ to: machine.StartAt, shape: input }];
  const findings: string[] = [];
  const outputs = new Map<string, Shape>();
  for (let way = open.pop(); way !== undefined; way = open.pop()) {
    const { to, shape } = way;
    if (seen.has(`${to} ${fingerprint(shape)}`)) continue;
    seen.add(`${to} ${fingerprint(shape)}`);
    const state = machine.States[to];
    if (state === undefined) throw new Error(`${machine.name}: no state ${to}`);
    const done = step(state, shape, known);
    open.push(...done.ways);
    for (const output of done.outputs) outputs.set(fingerprint(output), output);
    findings.push(...done.misses.map((miss) => `${machine.name}.${to}: ${miss}`), ...done.inner);
  }
  return { findings, outputs: [...outputs.values()] };
}

/** One state: the ways on, what it gives where the machine ends, what it read in vain, and what machines inside it did. */
type Done = { ways: Way[]; outputs: Shape[]; misses: string[]; inner: string[] };

function step(state: State, raw: Shape, known: Known): Done {
  const nothing: Done = { ways: [], outputs: [], misses: [], inner: [] };
  if (state.Type === 'Fail') {
    const paths = [state.ErrorPath, state.CausePath].filter((path) => path !== undefined);
    return { ...nothing, misses: paths.flatMap((path) => evaluate({ 'text.$': path }, raw).misses) };
  }
  const input = narrowed(state.InputPath, raw);
  const done = work(state, input.shape, raw, known);
  const ways = done.ways.map((way) => ({ to: way.to, ...narrowed(state.OutputPath, way.shape) }));
  const results = done.results.map((shape) => narrowed(state.OutputPath, shape));
  const next = 'Next' in state ? state.Next : undefined;
  const shapes = results.map((result) => result.shape);
  return {
    ways: [...ways, ...done.caught, ...(next === undefined ? [] : shapes.map((shape) => ({ to: next, shape })))],
    outputs: next === undefined ? shapes : [],
    misses: [input, ...ways, ...results].flatMap((one) => one.misses).concat(done.misses),
    inner: done.inner,
  };
}

/** `results` go on to Next, `ways` and `caught` elsewhere; an error leaves past OutputPath. */
type Worked = { results: Shape[]; ways: Way[]; caught: Way[]; misses: string[]; inner: string[] };

function work(state: Exclude<State, { Type: 'Fail' }>, input: Shape, raw: Shape, known: Known): Worked {
  const nothing: Worked = { results: [], ways: [], caught: [], misses: [], inner: [] };
  switch (state.Type) {
    case 'Choice':
      return { ...nothing, ...decide(state, input) };
    case 'Succeed':
      return { ...nothing, results: [input] };
    case 'Wait':
      return { ...nothing, results: [input], misses: state.SecondsPath ? read(input, state.SecondsPath).misses : [] };
    case 'Pass': {
      const made = evaluate(state.Result, input);
      const given = state.Parameters === undefined ? { shape: input, misses: [] } : evaluate(state.Parameters, input);
      const placed = place(state.ResultPath, raw, state.Result === undefined ? given.shape : made.shape);
      return { ...nothing, results: [placed.shape], misses: [...given.misses, ...placed.misses] };
    }
    case 'Task':
      return runTask(state, input, raw, known);
  }
}

function runTask(state: Task, input: Shape, raw: Shape, known: Known): Worked {
  const given = state.Parameters === undefined ? { shape: input, misses: [] } : evaluate(state.Parameters, input);
  const answer = answered(state, given.shape, known);
  const selected = answer.shapes.map((shape) =>
    state.ResultSelector === undefined ? { shape, misses: [] } : evaluate(state.ResultSelector, shape),
  );
  const results = selected.map(({ shape }) => place(state.ResultPath, raw, shape));
  const caught = (state.Catch ?? []).map(({ Next, ResultPath }) => ({ to: Next, ...place(ResultPath, raw, ERROR) }));
  return {
    results: results.map(({ shape }) => shape),
    ways: [],
    caught,
    misses: [given, ...selected, ...results, ...caught].flatMap((one) => one.misses).concat(answer.misses),
    inner: answer.inner,
  };
}

/** What the Task gets back: of a function its answers, of a machine its ends. */
function answered(state: Task, given: Shape, known: Known): { shapes: Shape[]; misses: string[]; inner: string[] } {
  const { kind, name } = called(state);
  if (kind === 'function') {
    const missing = lacks(known.wants.get(name) ?? {}, given);
    const misses = missing.map((path) => `${name} wants $${path}, which is not always given`);
    return { shapes: [...(known.answers.get(name) ?? ['value'])], misses, inner: [] };
  }
  const input = typeof given === 'string' ? null : given.Input;
  const { outputs, findings } = follow(machineNamed(known.all, name), input ?? 'value', known);
  return { shapes: outputs.map((output) => ({ Output: output, Status: 'value' })), misses: [], inner: findings };
}

/** InputPath and OutputPath; null is an empty object. */
function narrowed(path: string | null | undefined, shape: Shape): Read {
  return path === null ? { shape: {}, misses: [] } : read(shape, path ?? '$');
}

/** ResultPath; null throws the result away. */
function place(path: string | null | undefined, raw: Shape, value: Shape): Read {
  if (path === null) return { shape: raw, misses: [] };
  const way = steps(path ?? '$');
  if (way === null) return { shape: raw, misses: [`${path} is no ResultPath that the guards know`] };
  return { shape: put(raw, way, value), misses: [] };
}
