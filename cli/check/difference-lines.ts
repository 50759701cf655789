import type { Difference } from '../../lib/schema/difference.ts';
import { treeOf } from '../../lib/schema/tree.ts';

/** Differences as a tree, without the statements that would show them: the database is gone when a person reads of them. */
export function differenceLines(differences: readonly Difference[]): string[] {
  return treeOf({ equal: differences.length === 0, differences: [...differences], ignored: [], unusedRules: [] })
    .filter(({ style }) => style !== 'headline' && style !== 'look')
    .map(({ level, text }) => `${'  '.repeat(level)}${text}`);
}
