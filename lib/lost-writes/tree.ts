import type { Effect, Relation, TextFacts } from './facts.ts';

/** Adds what is done to rows at any depth of the tree, below WITH too, and which functions are called. */
export function collect(tree: unknown, found: TextFacts): void {
  if (Array.isArray(tree)) {
    for (const item of tree) collect(item, found);
    return;
  }
  if (typeof tree !== 'object' || tree === null) return;
  for (const [key, value] of Object.entries(tree)) {
    const changed = changes(key, value);
    if (changed !== null) found.effects.push(...changed);
    // CALL has its own name for the same.
    if (key === 'FuncCall' || key === 'funccall') found.functions.push(lastName(field(value, 'funcname')));
    collect(value, found);
  }
}

function changes(kind: string, statement: unknown): Effect[] | null {
  switch (kind) {
    case 'InsertStmt':
      return inserted(statement);
    case 'UpdateStmt':
      return [{ does: 'update', to: relationOf(statement), columns: targets(field(statement, 'targetList')) }];
    case 'DeleteStmt':
      return [{ does: 'delete', to: relationOf(statement) }];
    case 'MergeStmt':
      return list(field(statement, 'mergeWhenClauses')).flatMap((clause) => merged(statement, clause));
    default:
      return null;
  }
}

function inserted(statement: unknown): Effect[] {
  const to = relationOf(statement);
  const conflict = field(statement, 'onConflictClause');
  if (text(field(conflict, 'action')) !== 'ONCONFLICT_UPDATE') return [{ does: 'insert', to }];
  return [
    { does: 'insert', to },
    { does: 'update', to, columns: targets(field(conflict, 'targetList')) },
  ];
}

function merged(statement: unknown, clause: unknown): Effect[] {
  const to = relationOf(statement);
  const when = field(clause, 'MergeWhenClause');
  switch (text(field(when, 'commandType'))) {
    case 'CMD_INSERT':
      return [{ does: 'insert', to }];
    case 'CMD_UPDATE':
      return [{ does: 'update', to, columns: targets(field(when, 'targetList')) }];
    case 'CMD_DELETE':
      return [{ does: 'delete', to }];
    case 'CMD_NOTHING':
      return [];
    default:
      return [{ does: 'anything', why: 'MERGE' }];
  }
}

/** The columns of SET: each target names one. */
function targets(items: unknown): string[] | null {
  if (!Array.isArray(items)) return null;
  const names = items.map((item) => text(field(field(item, 'ResTarget'), 'name')));
  return names.every((name) => name !== '') ? names : null;
}

export function relationOf(statement: unknown): Relation {
  return rangeOf(field(statement, 'relation'));
}

export function rangeOf(range: unknown): Relation {
  const schema = text(field(range, 'schemaname'));
  return { schema: schema === '' ? null : schema, name: text(field(range, 'relname')) };
}

/** A name in parts, as DROP lists them. */
export function namesOf(item: unknown): string[] {
  return list(field(field(item, 'List'), 'items')).map((part) => text(field(field(part, 'String'), 'sval')));
}

export function lastName(names: unknown): string {
  return text(field(field(list(names).at(-1), 'String'), 'sval'));
}

export function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

export function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

export function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
