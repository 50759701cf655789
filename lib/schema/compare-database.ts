import type { ClientBase } from 'pg';
import { type CompareOptions, compare } from './compare.ts';
import { describeSections } from './describe.ts';
import type { Comparison } from './difference.ts';
import { keyOf, type SchemaDocument, type SchemaObject } from './document.ts';
import type { PartKind } from './kinds/kind.ts';
import { type ListedSection, listSections } from './list.ts';
import { type Section, sectionKey, sectionsOf } from './section.ts';

export type CompareDatabaseOptions = CompareOptions & {
  /** The role that migrates the database, which documents call `<migrator>`; the session's own when left out. */
  migrator?: string;
};

/**
 * How a database differs from a document. First the digests travel, then what those sections hold that differ: one round trip
 * when nothing does, else two.
 *
 * @param expected a function makes the document only when the server is at work on its side, which for a large one is half of the time
 */
export async function compareWithDocument(
  client: ClientBase,
  expected: SchemaDocument | (() => SchemaDocument),
  options: CompareDatabaseOptions,
): Promise<Comparison> {
  const listing = listSections(client, options);
  const [document, listed] = await Promise.all([documentWith(expected, options), listing]);
  const { sections } = document;
  const differing = sectionsThatDiffer(sections, listed);
  const actual = await describeSections(client, options, listedOf(differing, listed));
  return compare(pick(document.schema, differing), actual, options);
}

/** Made while the server makes the same of its side. */
async function documentWith(expected: SchemaDocument | (() => SchemaDocument), { columnOrder }: CompareOptions) {
  const schema = typeof expected === 'function' ? expected() : expected;
  return { schema, sections: sectionsOf(schema, columnOrder ?? 'ignored') };
}

/** How the second database differs from the first. */
export async function compareDatabases(
  expected: { client: ClientBase; migrator: string },
  actual: { client: ClientBase; migrator: string },
  options: CompareOptions = {},
): Promise<Comparison> {
  const sides = [expected, actual].map((side) => ({ ...side, options: { ...options, migrator: side.migrator } }));
  const lists = await Promise.all(sides.map((side) => listSections(side.client, side.options)));
  const [should = new Map(), is = new Map()] = lists;
  const differing = sectionsThatDiffer(should, is);
  const [first = new Map(), second = new Map()] = await Promise.all(
    sides.map((side, index) =>
      describeSections(side.client, side.options, listedOf(differing, lists[index] ?? new Map())),
    ),
  );
  return compare(first, second, options);
}

/**
 * The keys of sections that are not on both sides with the same digest. Where one side has no such parts at all, the object itself is
 * named too, so that it is seen to be there.
 */
function sectionsThatDiffer(should: ReadonlyMap<string, Section>, is: ReadonlyMap<string, Section>): Set<string> {
  const keys = new Set<string>();
  for (const [one, other] of [
    [should, is],
    [is, should],
  ] as const) {
    for (const [key, section] of one) {
      const counterpart = other.get(key);
      if (counterpart?.digest === section.digest) continue;
      keys.add(key);
      if (!counterpart) keys.add(keyOf(section.owner));
    }
  }
  return keys;
}

function listedOf(keys: ReadonlySet<string>, listed: ReadonlyMap<string, ListedSection>): ListedSection[] {
  return [...keys].flatMap((key) => listed.get(key) ?? []);
}

/** The part of a document that these sections are: of an owner whose own section is not among them only the parts. */
function pick(document: SchemaDocument, keys: ReadonlySet<string>): SchemaDocument {
  const picked = new Map<string, SchemaObject>();
  for (const owner of document.values()) {
    const has = (parts: PartKind | null) => keys.has(sectionKey({ owner, parts }));
    const parts = owner.parts.filter(({ kind }) => has(kind));
    if (has(null) || parts.length > 0)
      picked.set(keyOf(owner), { ...owner, lines: has(null) ? owner.lines : [], parts });
  }
  return picked;
}
