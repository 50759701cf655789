import { type Parsed, parse } from '../migrations/parse.ts';
import type { Effect, Relation, StatementFacts } from './facts.ts';

const ANYTHING: StatementFacts = { effects: [{ does: 'anything' }], functions: [] };

/** Reads a migration's text; what cannot be read may do anything. Needs the grammar, but no database. */
export async function readFacts(sql: string): Promise<StatementFacts[]> {
  const facts: StatementFacts[] = [];
  for await (const parsed of parse(sql)) facts.push(factsOf(parsed));
  return facts;
}

/** Statements that write no row of any table that was there before. */
const HARMLESS = new Set([
  ...['CreateStmt', 'IndexStmt', 'CreateSeqStmt', 'CreateEnumStmt', 'CommentStmt', 'GrantStmt', 'ViewStmt'],
  ...['CreateFunctionStmt', 'CreateTrigStmt', 'CreateSchemaStmt', 'AlterEnumStmt', 'CreateTableAsStmt', 'SelectStmt'],
  ...['VacuumStmt', 'ReindexStmt', 'CompositeTypeStmt', 'CreateDomainStmt', 'AlterSeqStmt', 'CreateStatsStmt'],
  ...['InsertStmt', 'UpdateStmt', 'DeleteStmt', 'RefreshMatViewStmt', 'AlterOwnerStmt', 'AlterFunctionStmt'],
]);

function factsOf(parsed: Parsed): StatementFacts {
  if ('unreadable' in parsed || parsed.statement.tree === null) return ANYTHING;
  const { tree } = parsed.statement;
  const [kind = ''] = Object.keys(tree);
  const found: StatementFacts = { effects: [], functions: [] };
  walk(tree, found);
  if (kind === 'AlterTableStmt' || kind === 'RenameStmt' || kind === 'TruncateStmt' || kind === 'DropStmt') {
    found.effects.push(...replaced(kind, tree));
  } else if (kind === 'CreateStmt') found.effects.push({ does: 'make', to: relationOf(field(tree, kind)) });
  else if (kind === 'VariableSetStmt') {
    // Whose triggers fire and which table a name means hangs on these.
    const name = text(field(field(tree, kind), 'name'));
    if (!/^(lock_timeout|statement_timeout|maintenance_work_mem|work_mem)$/.test(name)) return ANYTHING;
  } else if (!HARMLESS.has(kind)) return ANYTHING;
  return { ...found, functions: [...new Set(found.functions)] };
}

/** Changes of rows at any depth: below WITH, too. */
function walk(tree: unknown, found: StatementFacts): void {
  if (Array.isArray(tree)) {
    for (const item of tree) walk(item, found);
    return;
  }
  if (typeof tree !== 'object' || tree === null) return;
  for (const [key, value] of Object.entries(tree)) {
    if (key === 'InsertStmt') inserted(value, found);
    else if (key === 'UpdateStmt') {
      found.effects.push({ does: 'update', to: relationOf(value), columns: targets(field(value, 'targetList')) });
    } else if (key === 'DeleteStmt') found.effects.push({ does: 'delete', to: relationOf(value) });
    else if (key === 'MergeStmt') found.effects.push({ does: 'anything' });
    else if (key === 'FuncCall') found.functions.push(lastName(field(value, 'funcname')));
    walk(value, found);
  }
}

function inserted(statement: unknown, found: StatementFacts): void {
  const to = relationOf(statement);
  found.effects.push({ does: 'insert', to });
  const conflict = field(statement, 'onConflictClause');
  if (text(field(conflict, 'action')) === 'ONCONFLICT_UPDATE') {
    found.effects.push({ does: 'update', to, columns: targets(field(conflict, 'targetList')) });
  }
}

/** The columns of SET: each target names one. */
function targets(items: unknown): string[] | null {
  if (!Array.isArray(items)) return null;
  const names = items.map((item) => text(field(field(item, 'ResTarget'), 'name')));
  return names.every((name) => name !== '') ? names : null;
}

function replaced(kind: 'AlterTableStmt' | 'RenameStmt' | 'TruncateStmt' | 'DropStmt', tree: unknown): Effect[] {
  const statement = field(tree, kind);
  if (kind === 'AlterTableStmt' || kind === 'RenameStmt') {
    const to = relationOf(statement);
    return to.name === '' ? [] : [{ does: 'replace', to }];
  }
  if (text(field(statement, 'behavior')) === 'DROP_CASCADE') return [{ does: 'anything' }];
  if (kind === 'TruncateStmt') {
    return list(field(statement, 'relations')).map((one) => ({ does: 'replace', to: rangeOf(field(one, 'RangeVar')) }));
  }
  if (text(field(statement, 'removeType')) !== 'OBJECT_TABLE') return [];
  return list(field(statement, 'objects')).map((one) => {
    const names = list(field(field(one, 'List'), 'items')).map((item) => text(field(field(item, 'String'), 'sval')));
    return { does: 'replace', to: { schema: names.at(-2) ?? null, name: names.at(-1) ?? '' } };
  });
}

function relationOf(statement: unknown): Relation {
  return rangeOf(field(statement, 'relation'));
}

function rangeOf(range: unknown): Relation {
  const schema = text(field(range, 'schemaname'));
  return { schema: schema === '' ? null : schema, name: text(field(range, 'relname')) };
}

function lastName(names: unknown): string {
  return text(field(field(list(names).at(-1), 'String'), 'sval'));
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
