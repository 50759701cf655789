import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod/mini';

/**
 * Draws the workflows from the definitions that are deployed: `migrate` in short into README.md, and each of them with every state and
 * every way into docs/workflow.md. A test fails when a picture is older than they are.
 */

const ROOT = join(import.meta.dirname, '..');
/** The pages that have a picture, and what makes it. */
export const PAGES = [
  { page: join(ROOT, 'README.md'), picture: drawInShort },
  { page: join(import.meta.dirname, 'workflow.md'), picture: drawWorkflows },
] as const;
const BEGIN = '<!-- workflow:begin -->';
const END = '<!-- workflow:end -->';

const test = z.looseObject({ Variable: z.optional(z.string()), Next: z.optional(z.string()) });
const tests = z.array(test);
const rule = z.extend(test, { Next: z.string() });
const machine = z.object({
  Comment: z.string(),
  StartAt: z.string(),
  States: z.record(
    z.string(),
    z.object({
      Type: z.string(),
      Next: z.optional(z.string()),
      Choices: z._default(z.array(rule), []),
      Default: z.optional(z.string()),
      Catch: z._default(z.array(z.object({ ErrorEquals: z.array(z.string()), Next: z.string() })), []),
      Parameters: z.optional(z.looseObject({ StateMachineArn: z.optional(z.string()) })),
    }),
  ),
});

type Machine = z.infer<typeof machine>;
type State = Machine['States'][string];
type Test = z.infer<typeof test>;

/** Children that have a picture of their own, and are a box in those of others. */
const APART: ReadonlySet<string> = new Set(['put-back', 'sweep']);

/** Every machine that is started by itself, with its children in it, `migrate` first. */
export async function drawWorkflows(): Promise<string> {
  const all = await machines();
  const children = new Set([...all.values()].flatMap((one) => Object.values(one.States).flatMap(startedBy)));
  const alone = [...all].filter(([name]) => !(children.has(name) && !APART.has(name)));
  const migrateFirst = alone.toSorted(([one], [other]) => Number(other === 'migrate') - Number(one === 'migrate'));
  return migrateFirst.map(([name, one]) => [`## ${name}`, one.Comment, draw(one, all)].join('\n\n')).join('\n\n');
}

/** What `migrate` does, without how it waits and repeats; of the errors only those that a child machine ends with. */
async function drawInShort(): Promise<string> {
  const { StartAt, States } = machine.parse((await machines()).get('migrate'));
  const isSeen = (name: string) => !['Choice', 'Wait', 'Pass'].includes(States[name]?.Type ?? '');
  const seenFrom = (names: string[], passed: ReadonlySet<string> = new Set()): string[] =>
    names.flatMap((name) => {
      if (isSeen(name)) return [name];
      if (passed.has(name)) return [];
      return seenFrom(nextOf(States[name]), new Set([...passed, name]));
    });
  const arrows = new Set<string>();
  const shown = new Set(seenFrom([StartAt]));
  for (const from of shown) {
    const state = States[from];
    const caught = state !== undefined && startedBy(state).length > 0 ? state.Catch.map(({ Next }) => Next) : [];
    for (const [arrow, to] of [['-->', nextOf(state)] as const, ['-.->', caught] as const]) {
      for (const next of seenFrom(to)) {
        if (next === from) continue;
        shown.add(next);
        arrows.add(`${from} ${arrow} ${next}`);
      }
    }
  }
  const nodes = [...shown].flatMap((name) => (States[name] ? [`${name}${shape(name, States[name])}`] : []));
  return [
    '```mermaid',
    ...['flowchart TD', ...nodes, ...arrows].map((line, at) => (at === 0 ? line : `  ${line}`)),
    '```',
  ].join('\n');
}

function nextOf(state: State | undefined): string[] {
  if (state === undefined) return [];
  return [state.Next, ...state.Choices.map(({ Next }) => Next), state.Default].filter((name) => name !== undefined);
}

async function machines(): Promise<Map<string, Machine>> {
  const folder = join(ROOT, 'statemachines');
  const all = new Map<string, Machine>();
  for (const file of (await readdir(folder)).sort()) {
    all.set(file.replace('.asl.json', ''), machine.parse(JSON.parse(await readFile(join(folder, file), 'utf8'))));
  }
  return all;
}

/** `text` with the picture between its marks. */
export function place(text: string, picture: string): string {
  const [before, rest] = text.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined) throw new Error(`The page lacks ${BEGIN} or ${END}`);
  return `${before}${BEGIN}\n${picture}\n${END}${after}`;
}

function draw(of: Machine, all: Map<string, Machine>): string {
  const lines = ['flowchart TD', ...body(of, all, '')];
  return ['```mermaid', ...lines, '```'].join('\n');
}

/** Nodes and arrows of one machine; the names of a child's states begin with that of the state that starts it. */
function body(of: Machine, all: Map<string, Machine>, prefix: string): string[] {
  const nodes = Object.entries(of.States).flatMap(([name, state]) => {
    const id = `${prefix}${name}`;
    const [child] = startedBy(state).flatMap((inner) => (APART.has(inner) ? [] : [all.get(inner) ?? []].flat()));
    if (child === undefined) return [`${id}${shape(name, state)}`];
    return [`subgraph ${id}["${name}"]`, ...body(child, all, `${id}_`), 'end'];
  });
  const start = [`${prefix}start(( )) --> ${prefix}${of.StartAt}`];
  const arrows = Object.entries(of.States).flatMap(([name, state]) =>
    waysOut(state).map(({ arrow, to }) => `${prefix}${name} ${arrow} ${prefix}${to}`),
  );
  return [...nodes, ...start, ...new Set(arrows)].map((line) => `  ${line}`);
}

function startedBy({ Parameters }: State): string[] {
  const name = /^\$\{(\w+)\}$/.exec(Parameters?.StateMachineArn ?? '')?.[1];
  return name === undefined ? [] : [words(name).join('-')];
}

function shape(name: string, state: State): string {
  if (startedBy(state).length > 0) return `[["${name}"]]`;
  switch (state.Type) {
    case 'Choice':
      return `{"${name}"}`;
    case 'Wait':
    case 'Pass':
      return `(["${name}"])`;
    case 'Succeed':
    case 'Fail':
      return `((("${name}")))`;
    default:
      return `["${name}"]`;
  }
}

function waysOut({ Next, Choices, Default, Catch }: State): { arrow: string; to: string }[] {
  const on = (label: string) => `-->|"${label}"|`;
  return [
    ...(Next === undefined ? [] : [{ arrow: '-->', to: Next }]),
    ...Choices.map((choice) => ({ arrow: on(condition(choice)), to: choice.Next })),
    ...(Default === undefined ? [] : [{ arrow: on('otherwise'), to: Default }]),
    ...Catch.map(({ ErrorEquals, Next: to }) => {
      const names = ErrorEquals.filter((name) => name !== 'States.ALL');
      return { arrow: names.length === 0 ? '-.->' : `-.->|"${names.join(', ')}"|`, to };
    }),
  ];
}

/** What has to hold, as short as a picture wants it. */
function condition({ Next: _, Variable = '', ...test }: Test): string {
  const variable = Variable.replace(/^\$\./, '');
  if (test.And !== undefined) return tests.parse(test.And).map(condition).join(' and ');
  if (test.Not !== undefined) return `not ${condition(tests.parse([test.Not])[0] ?? {})}`;
  const [[operator, value] = ['', '']] = Object.entries(test);
  switch (operator) {
    case 'BooleanEquals':
      return value === true ? variable : `not ${variable}`;
    case 'IsNull':
      return value === true ? `no ${variable}` : variable;
    case 'IsPresent':
      return value === true ? `has ${variable}` : `has no ${variable}`;
    case 'StringEquals':
      return `${variable} is ${value}`;
    case 'NumericGreaterThan':
      return `${variable} > ${value}`;
    default:
      return `${variable} ${words(operator).join(' ')} ${JSON.stringify(value).replaceAll('"', "'")}`;
  }
}

/** AcquireLease: acquire, lease */
function words(name: string): string[] {
  return name.split(/(?<=[a-z])(?=[A-Z])/).map((word) => word.toLowerCase());
}

if (import.meta.main) {
  for (const { page, picture } of PAGES) await writeFile(page, place(await readFile(page, 'utf8'), await picture()));
}
