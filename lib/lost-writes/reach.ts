import type { Effect, StatementFacts } from './facts.ts';
import type { Touch } from './own-work.ts';
import type { SideEffects } from './side-effects.ts';

/** What a statement may do to one table, directly or by what hangs on it. */
export type TableEffect = { table: string; touch: Touch };

const NOTHING: Touch = { inserted: 0, updated: 0, deleted: 0, replaced: 'no', columns: [] };

/**
 * Where these statements may write: the tables that they name, in any schema where they name none, what inherits from them, and
 * what foreign keys and triggers do on top. Null: anywhere.
 */
export function effectsOn(statements: readonly StatementFacts[], sideEffects: SideEffects): TableEffect[] | null {
  const found: TableEffect[] = [];
  for (const { effects, functions } of statements) {
    if (functions.some((name) => sideEffects.functions.has(name))) return null;
    for (const effect of effects) {
      const reached = reach(effect, sideEffects);
      if (reached === null) return null;
      found.push(...reached);
    }
  }
  return found;
}

function reach(effect: Effect, sideEffects: SideEffects): TableEffect[] | null {
  if (effect.does === 'anything') return null;
  const named = resolve(effect.to, sideEffects);
  // It was not there before, so no row of others is lost with it.
  if (effect.does === 'make') return [];
  if (effect.does === 'replace')
    return named.map((table) => ({ table, touch: { ...NOTHING, replaced: 'if-refiled' } }));
  // A view, or a name that means nothing here: the rows lie somewhere else.
  if (named.length === 0) return null;
  const all: TableEffect[] = [];
  for (const table of named) {
    const triggers = sideEffects.triggers.get(table) ?? [];
    if (sideEffects.triggers.has(table) && sideEffects.triggers.get(table) === null) return null;
    if (effect.does === 'insert') all.push({ table, touch: { ...NOTHING, inserted: null } });
    else if (effect.does === 'delete') all.push({ table, touch: { ...NOTHING, deleted: null } });
    else {
      const columns = effect.columns && [...effect.columns, ...triggers];
      all.push({ table, touch: { ...NOTHING, updated: null, columns } });
    }
    const further = cascaded(table, effect, sideEffects, new Set());
    if (further === null) return null;
    all.push(...further);
  }
  return all;
}

/** The tables that these statements make or alter. */
export function tablesAltered(statements: readonly StatementFacts[], sideEffects: SideEffects): string[] {
  return statements.flatMap(({ effects }) =>
    effects.flatMap((effect) =>
      effect.does === 'make' || effect.does === 'replace' ? resolve(effect.to, sideEffects) : [],
    ),
  );
}

/** What foreign keys do to the children, and to theirs. */
function cascaded(table: string, effect: Effect, sideEffects: SideEffects, seen: Set<string>): TableEffect[] | null {
  const all: TableEffect[] = [];
  for (const { parent, child, on, columns } of sideEffects.cascades) {
    if (parent !== table || on !== effect.does || seen.has(`${parent} ${child}`)) continue;
    if (effect.does === 'update' && effect.columns !== null && !effect.columns.some((one) => columns.includes(one)))
      continue;
    if (sideEffects.triggers.has(child)) return null;
    seen.add(`${parent} ${child}`);
    const further = cascaded(child, effect, sideEffects, seen);
    if (further === null) return null;
    all.push(
      { table: child, touch: { ...NOTHING, updated: null, deleted: on === 'delete' ? null : 0, columns: null } },
      ...further,
    );
  }
  return all;
}

/** The table of that name with all that inherits from it; every table of that name where no schema is said. */
function resolve(to: { schema: string | null; name: string }, { tables, children }: SideEffects): string[] {
  const found = tables.filter(({ schema, name }) => name === to.name && (to.schema === null || schema === to.schema));
  const all = new Set(found.map(({ label }) => label));
  for (const table of all) for (const child of children.get(table) ?? []) all.add(child);
  return [...all];
}
