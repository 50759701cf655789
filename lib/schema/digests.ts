import { hash } from 'node:crypto';
import type { SchemaPart } from './document.ts';
import { LINE_SEPARATOR } from './kinds/fragments.ts';

/** Between the parts of a section in the text of which the digest is made: ASCII's record separator. */
export const PART_SEPARATOR = '\x1e';

/** SHA-256 of what an object is, without its name and parts; SQL makes the same. */
export function objectDigest({ lines }: { lines: readonly string[] }): string {
  return sha256(lines.join(LINE_SEPARATOR));
}

/** SHA-256 of all parts of one kind that an object has; SQL makes the same. */
export function partsDigest(parts: readonly SchemaPart[], order: 'by name' | 'as they are'): string {
  const sorted = order === 'by name' ? parts.toSorted((a, b) => (a.name < b.name ? -1 : 1)) : parts;
  return sha256(sorted.map(({ name, lines }) => [name, ...lines].join(LINE_SEPARATOR)).join(PART_SEPARATOR));
}

export function sha256(text: string): string {
  return hash('sha256', text);
}
