import type { Statement } from './parse.ts';
import { find } from './tree.ts';

/** Whether a statement that fails may have committed a part of what it does: procedures, and some that work in stages. */
export function commitsOnItsWay({ head, tree }: Statement): boolean {
  if (head === 'CALL' || head === 'DO') return true;
  if (tree === null) return false;
  // Both mark the object in a first transaction and take it away in a second.
  return ('DropStmt' in tree || 'AlterTableStmt' in tree) && isConcurrent(tree);
}

/**
 * Whether a statement only changes rows, so that it can run in a transaction with a row of ours. One that is too long to be parsed is told by its
 * first word, which no other statement has.
 */
export function changesRows({ head, tree }: Statement): boolean {
  if (tree === null) return CHANGES.has(head);
  if ('InsertStmt' in tree || 'UpdateStmt' in tree || 'DeleteStmt' in tree || 'MergeStmt' in tree) return true;
  return 'SelectStmt' in tree && find(tree, (key) => /^(Insert|Update|Delete|Merge)Stmt$/.test(key));
}

const CHANGES: ReadonlySet<string> = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE']);

/** Whether a statement that fails may leave an index that is not valid. */
export function leavesInvalidIndexes({ tree }: Statement): boolean {
  if (tree === null) return false;
  if ('IndexStmt' in tree) return isConcurrent(tree);
  return 'ReindexStmt' in tree;
}

function isConcurrent(tree: unknown): boolean {
  return find(tree, (key, value) => key === 'concurrent' && value === true);
}
