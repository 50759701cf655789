import type { Difference } from './difference.ts';

const NAMED = 5;

/** Objects in one line: `index public.carts.by_hand is unexpected, and 3 more`. */
export function listed(differences: readonly Difference[]): string {
  const named = differences.slice(0, NAMED).map(({ kind, name, what }) => `${kind} ${name} is ${what}`);
  const more = differences.length - named.length;
  return [...named, ...(more > 0 ? [`and ${more} more`] : [])].join(', ');
}
