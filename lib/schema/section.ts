import { objectDigest, partsDigest, sha256 } from './digests.ts';
import { keyOf, type SchemaDocument } from './document.ts';
import type { ObjectKind, PartKind } from './kinds/kind.ts';
import { PART_KINDS } from './kinds/kind.ts';

/**
 * The unit in which schemas are compared by digest: an object without its parts, or all of its parts of one kind. So a
 * column that differs brings its table's columns over the wire, and nothing else.
 */
export type Section = { owner: { kind: ObjectKind; name: string }; parts: PartKind | null; digest: string };

/** `table public.carts`, `column of table public.carts` */
export function sectionKey({ owner, parts }: Omit<Section, 'digest'>): string {
  return parts === null ? keyOf(owner) : `${parts} of ${keyOf(owner)}`;
}

/** The sections of a document by `sectionKey`, with the digests that SQL makes of the same objects. */
export function sectionsOf(document: SchemaDocument, columnOrder: 'compared' | 'ignored'): Map<string, Section> {
  const sections = new Map<string, Section>();
  const add = (section: Section) => sections.set(sectionKey(section), section);
  for (const owner of document.values()) {
    add({ owner, parts: null, digest: objectDigest(owner) });
    for (const kind of PART_KINDS) {
      const parts = owner.parts.filter((part) => part.kind === kind);
      const order = kind === 'column' && columnOrder === 'compared' ? 'as they are' : 'by name';
      if (parts.length > 0) add({ owner, parts: kind, digest: partsDigest(parts, order) });
    }
  }
  return sections;
}

/**
 * SHA-256 of a whole schema. Equal digests mean equal schemas; unequal ones mean that somebody has to compare, because the server
 * may say the same in two ways. The order of columns does not count.
 */
export function documentDigest(sections: ReadonlyMap<string, Section>): string {
  const lines = [...sections].map(([key, { digest }]) => `${digest} ${key}`);
  return sha256(lines.sort().join('\n'));
}
