import type { Comparison, Difference } from './difference.ts';
import { differencesTree, type TreeLine, treeOf } from './tree.ts';

/** A comparison as plain text for a person, see {@link treeOf}. */
export function renderComparison(comparison: Comparison): string {
  return `${render(treeOf(comparison))}\n`;
}

/** Differences alone, in the same form. */
export function renderDifferences(differences: readonly Difference[]): string {
  return render(differencesTree(differences));
}

function render(lines: readonly TreeLine[]): string {
  return lines
    .map(({ level, style, text }, at) => {
      const gap = at > 0 && (style === 'headline' || style === 'schema') ? '\n' : '';
      return `${gap}${'  '.repeat(level)}${text}`;
    })
    .join('\n');
}
