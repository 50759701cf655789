import type { Node } from 'libpg-query';

/** A parse tree as libpg-query gives it: one key, the kind of the statement, with its fields below. */
export type Tree = Node;

/** Whether any field of the tree, however deep, satisfies `test`. */
export function find(tree: unknown, test: (key: string, value: unknown) => boolean): boolean {
  if (Array.isArray(tree)) return tree.some((item) => find(item, test));
  if (typeof tree !== 'object' || tree === null) return false;
  return Object.entries(tree).some(([key, value]) => test(key, value) || find(value, test));
}
