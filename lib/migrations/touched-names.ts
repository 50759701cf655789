import type { Node } from 'libpg-query';
import { parse } from './parse.ts';
import type { Tree } from './tree.ts';

/**
 * What the statements of a file that make or change objects name, without schemas. More than they touch, so that it tells
 * whose something is only together with a transaction's id. What a statement puts together at run time is not known.
 */
export async function touchedNames(sql: string): Promise<string[]> {
  const names = new Set<string>();
  for await (const parsed of parse(sql)) {
    if ('statement' in parsed && parsed.statement.tree !== null && !isAboutRows(parsed.statement.tree)) {
      collect(parsed.statement.tree, names);
    }
  }
  return [...names].sort();
}

const ABOUT_ROWS = [
  'SelectStmt',
  'InsertStmt',
  'UpdateStmt',
  'DeleteStmt',
  'MergeStmt',
  'DoStmt',
  'CallStmt',
  'CopyStmt',
];

function isAboutRows(tree: Tree): boolean {
  return ABOUT_ROWS.some((kind) => kind in tree);
}

/** Where the grammar keeps the names of objects; lists of names end with the object's own. */
const NAMES = new Set([
  ...['relname', 'idxname', 'conname', 'trigname', 'policy_name', 'extname', 'schemaname', 'rulename', 'colname'],
  ...['pubname', 'subname', 'newname', 'newVal'],
]);
const LISTS = new Set(['objname', 'funcname', 'typeName', 'names', 'defnames', 'domainname', 'object']);

function collect(tree: unknown, names: Set<string>): void {
  if (Array.isArray(tree)) for (const item of tree) collect(item, names);
  if (typeof tree !== 'object' || tree === null || Array.isArray(tree)) return;
  for (const [key, value] of Object.entries(tree)) {
    if (NAMES.has(key) && typeof value === 'string') names.add(value);
    else if (LISTS.has(key)) for (const name of lastOf(value)) names.add(name);
    collect(value, names);
  }
}

function lastOf(value: unknown): string[] {
  const node = Array.isArray(value) ? value.at(-1) : value;
  return isNode(node) && 'String' in node ? [node.String.sval ?? ''] : [];
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null;
}
