import type { Statement } from './parse.ts';
import { find } from './tree.ts';

/** Whether a statement that fails may have committed a part of what it does: procedures, and some that work in stages. */
export function commitsOnItsWay({ head, tree }: Statement): boolean {
  if (head === 'CALL' || head === 'DO') return true;
  if (tree === null) return false;
  // Both mark the object in a first transaction and take it away in a second.
  return ('DropStmt' in tree || 'AlterTableStmt' in tree) && isConcurrent(tree);
}

/** Whether a statement that fails may leave an index that is not valid. */
export function leavesInvalidIndexes({ tree }: Statement): boolean {
  if (tree === null) return false;
  if ('IndexStmt' in tree) return isConcurrent(tree);
  return 'ReindexStmt' in tree;
}

function isConcurrent(tree: unknown): boolean {
  return find(tree, (key, value) => key === 'concurrent' && value === true);
}
