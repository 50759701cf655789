import type { Body, Effect, Relation, StatementFacts, TextFacts } from './facts.ts';
import type { Touch } from './own-work.ts';
import type { SideEffects, Trigger } from './side-effects.ts';

/** What a statement may do to one table, directly or by what hangs on it. */
export type TableEffect = { table: string; touch: Touch };
/** Where statements may write: only there, or anywhere, and why. */
export type Reach = { tables: TableEffect[] } | { unknown: string };

/** What is known besides the statement: the catalogs, and the files of the release. */
export type Surroundings = {
  sideEffects: SideEffects;
  /** Bodies of functions by name, as files have them. */
  bodies: ReadonlyMap<string, readonly Body[]>;
  /** Names of tables that files make. */
  made: ReadonlySet<string>;
  /** Triggers that the run made and that are not there any more, by table: what they did is not known. */
  vanished: ReadonlyMap<string, string>;
};

const NOTHING: Touch = { inserted: 0, updated: 0, deleted: 0, replaced: 'no', columns: [] };
type Event = Trigger['on'][number];

/**
 * What files tell of each other.
 *
 * @param files of the whole release
 * @param run   of these, those that the run worked on
 */
export function surroundingsOf(
  files: Iterable<readonly StatementFacts[]>,
  run: Iterable<readonly StatementFacts[]>,
  sideEffects: SideEffects,
): Surroundings {
  const texts = textsOf(files);
  const bodies = Map.groupBy(
    [...files].flat().flatMap(({ defines = [] }) => defines),
    ({ name }) => name,
  );
  const made = texts.flatMap(({ effects }) => effects.flatMap((one) => (one.does === 'make' ? [one.to.name] : [])));
  const vanished = textsOf(run).flatMap(({ effects }) =>
    effects.flatMap((effect): [string, string][] => {
      if (effect.does !== 'trigger') return [];
      const tables = resolve(effect.to, sideEffects);
      const isThere = (table: string) => sideEffects.triggers.get(table)?.some(({ name }) => name === effect.trigger);
      return tables.filter((table) => !isThere(table)).map((table) => [table, effect.trigger]);
    }),
  );
  return { sideEffects, bodies, made: new Set(made), vanished: new Map(vanished) };
}

function textsOf(files: Iterable<readonly StatementFacts[]>): TextFacts[] {
  return [...files].flat().flatMap((statement) => [statement, ...(statement.defines ?? [])]);
}

/**
 * Where these statements may write: the tables that they name, in any schema where they name none, what inherits from them, and
 * what foreign keys, triggers and the functions that they call do on top.
 */
export function reachOf(statements: readonly TextFacts[], surroundings: Surroundings): Reach {
  const walk: Walk = { ...surroundings, found: [], seen: new Set() };
  for (const statement of statements) {
    // Which of them changes the schema is not looked at.
    const unknown =
      read(statement, walk) ?? first(walk.sideEffects.onDdl, (calls) => run('a trigger of the schema', calls, walk));
    if (unknown !== null) return { unknown };
  }
  return { tables: walk.found };
}

/** `seen`: functions and writes whose further effects are found already. */
type Walk = Surroundings & { found: TableEffect[]; seen: Set<string> };

/** Each of these tells why nobody knows, or null. */
function read({ effects, functions }: TextFacts, walk: Walk): string | null {
  return first(functions, (name) => call(name, walk)) ?? first(effects, (effect) => reach(effect, walk));
}

function first<T>(items: readonly T[], look: (item: T) => string | null): string | null {
  for (const item of items) {
    const found = look(item);
    if (found !== null) return found;
  }
  return null;
}

/** What the catalog has under the name must be what a file has, to the letter. */
function call(name: string, walk: Walk): string | null {
  const { sideEffects, bodies, seen } = walk;
  const there = sideEffects.functions.get(name) ?? [];
  const known = bodies.get(name) ?? [];
  if (there.length === 0 && known.length === 0) {
    return sideEffects.harmless.has(name) ? null : `it calls ${name}, of which nothing is known`;
  }
  if (seen.has(`call ${name}`)) return null;
  seen.add(`call ${name}`);
  if (!there.every((sha256) => known.some((body) => body.sha256 === sha256))) {
    return `it calls ${name}, whose text is in no file of the migrations`;
  }
  return first(known, (body) => read(body, walk));
}

function reach(effect: Effect, walk: Walk): string | null {
  // It was not there before, so no row of others is lost with it.
  if (effect.does === 'make' || effect.does === 'trigger') return null;
  if (effect.does === 'anything') return effect.why ?? 'its text does not tell';
  const named = resolve(effect.to, walk.sideEffects);
  if (effect.does === 'replace') {
    walk.found.push(...named.map((table) => ({ table, touch: { ...NOTHING, replaced: 'if-refiled' as const } })));
    return first(named, (table) => fire(table, 'truncate', walk));
  }
  if (named.length === 0) {
    const { name } = effect.to;
    if (walk.made.has(name) && !walk.sideEffects.others.has(name)) return null;
    // A view, or a name that means nothing here: the rows lie somewhere else.
    return `it writes ${name}, which is no table`;
  }
  return first(named, (table) => write(table, effect.does, 'columns' in effect ? effect.columns : [], walk));
}

/** One table, with what its triggers and foreign keys add. */
function write(
  table: string,
  does: 'insert' | 'update' | 'delete',
  columns: readonly string[] | null,
  walk: Walk,
): string | null {
  const { triggers, cascades } = walk.sideEffects;
  const vanished = walk.vanished.get(table);
  if (vanished !== undefined) return `the trigger ${vanished} of ${table}, which the run made, is not there any more`;
  const key = `${does} ${table} ${columns?.join() ?? '*'}`;
  if (walk.seen.has(key)) return null;
  walk.seen.add(key);
  const fired = (triggers.get(table) ?? []).filter(({ on }) => on.includes(does));
  const set = fired.reduce<readonly string[] | null>((all, one) => union(all, one.columns), columns);
  walk.found.push({ table, touch: touchBy(does, set) });
  return (
    fire(table, does, walk) ??
    first(cascades, ({ parent, child, on, columns: bound }) => {
      if (parent !== table || on !== does) return null;
      if (does === 'update' && set !== null && !set.some((one) => bound.includes(one))) return null;
      return write(child, 'update', null, walk) ?? (does === 'delete' ? write(child, 'delete', [], walk) : null);
    })
  );
}

function touchBy(does: 'insert' | 'update' | 'delete', columns: readonly string[] | null): Touch {
  if (does === 'insert') return { ...NOTHING, inserted: null };
  if (does === 'delete') return { ...NOTHING, deleted: null };
  return { ...NOTHING, updated: null, columns: columns && [...columns] };
}

function fire(table: string, event: Event, walk: Walk): string | null {
  const { triggers } = walk.sideEffects;
  return first(triggers.get(table) ?? [], ({ name, on, calls }) => {
    return calls === null || !on.includes(event) ? null : run(`${name} of ${table}`, calls, walk);
  });
}

function run(what: string, { name, sha256 }: NonNullable<Trigger['calls']>, walk: Walk): string | null {
  const isKnown = walk.bodies.get(name)?.some((body) => body.sha256 === sha256) ?? false;
  return isKnown ? call(name, walk) : `${what} runs ${name}, whose text is in no file of the migrations`;
}

function union(a: readonly string[] | null, b: readonly string[] | null): readonly string[] | null {
  return a === null || b === null ? null : [...new Set([...a, ...b])];
}

/** The tables that these statements make or alter. */
export function tablesAltered(statements: readonly TextFacts[], sideEffects: SideEffects): string[] {
  return statements.flatMap(({ effects }) =>
    effects.flatMap((effect) =>
      effect.does === 'make' || effect.does === 'replace' ? resolve(effect.to, sideEffects) : [],
    ),
  );
}

/** The table of that name with all that inherits from it; every table of that name where no schema is said. */
function resolve(to: Relation, { tables, children }: SideEffects): string[] {
  const found = tables.filter(({ schema, name }) => name === to.name && (to.schema === null || schema === to.schema));
  const all = new Set(found.map(({ label }) => label));
  for (const table of all) for (const child of children.get(table) ?? []) all.add(child);
  return [...all];
}
