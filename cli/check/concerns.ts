import { readFacts } from '../../lib/lost-writes/statement-facts.ts';
import { parse } from '../../lib/migrations/parse.ts';
import { find } from '../../lib/migrations/tree.ts';
import type { Check } from '../../lib/schema/checks/check.ts';
import type { Difference } from '../../lib/schema/difference.ts';
import type { SchemaDocument, SchemaObject } from '../../lib/schema/document.ts';
import { lastName } from '../../lib/schema/judge.ts';
import type { Applicable } from '../release/apply.ts';

/** What a file made of the schema that was there before it. */
export type Change = { file: Applicable; differences: readonly Difference[]; after: SchemaDocument };

/** Kinds of which a new one changes nothing that was there: nobody can have meant it before. */
const NEW_CHANGES_NOTHING = new Set(['table', 'view', 'materialized view', 'sequence', 'schema']);

/**
 * Whether a check may come out otherwise after this file than before it. It cannot, where it speaks of tables alone, without
 * triggers, rules or policies, and the file did nothing to those tables, their rows included, nor made, changed or dropped
 * anything but tables and what belongs to them. In doubt it may.
 */
export async function concerns(check: Check, { file, differences, after }: Change): Promise<boolean> {
  const names = await relationsOf(check.text);
  if (!areTablesAlone(names, after)) return true;
  const touches = differences.some(({ kind, name, of, what, actual }) => {
    const object = of ?? { kind, name };
    if (of === null && what === 'unexpected' && NEW_CHANGES_NOTHING.has(kind)) {
      // It may be a part of one of the tables, or inherit from it.
      return names.has(lastName(name)) || (actual ?? []).some((line) => [...names].some((each) => line.includes(each)));
    }
    return object.kind !== 'table' || names.has(lastName(object.name));
  });
  return touches || (await changesRowsOf(names, file.sql));
}

async function relationsOf(sql: string): Promise<Set<string>> {
  const names = new Set<string>();
  for await (const part of parse(sql)) {
    if ('unreadable' in part) continue;
    find(part.statement.tree, (key, value) => key === 'relname' && typeof value === 'string' && !names.add(value));
  }
  return names;
}

function areTablesAlone(names: ReadonlySet<string>, schema: SchemaDocument): boolean {
  const named = [...schema.values()].filter(({ name }) => names.has(lastName(name)));
  const isPlain = ({ kind, parts }: SchemaObject) =>
    kind === 'table' && !parts.some((part) => ['trigger', 'rule', 'policy'].includes(part.kind));
  return new Set(named.map(({ name }) => lastName(name))).size === names.size && named.every(isPlain);
}

async function changesRowsOf(names: ReadonlySet<string>, sql: string): Promise<boolean> {
  const facts = await readFacts(sql);
  return facts.some(
    ({ effects, functions }) =>
      functions.length > 0 || effects.some((effect) => effect.does === 'anything' || names.has(effect.to.name)),
  );
}
