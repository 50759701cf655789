import { compare } from '../../lib/schema/compare.ts';
import type { Difference } from '../../lib/schema/difference.ts';
import type { SchemaDocument } from '../../lib/schema/document.ts';
import {
  digestOf,
  type ExpectedSchemas,
  NO_SCHEMAS,
  schemaAt,
  withVersion,
} from '../../lib/schema/expected-schemas.ts';
import type { IgnoreRule } from '../../lib/schema/ignore.ts';

/** The schemas of all versions, as they were when the files were first applied. */
export class KnownSchemas {
  private readonly ignore: readonly IgnoreRule[];
  private readonly digests = new Map<number, string>();
  private readonly told = new Set<string>();
  private schemas: ExpectedSchemas = NO_SCHEMAS;
  private last: SchemaDocument = new Map();

  constructor(ignore: readonly IgnoreRule[]) {
    this.ignore = ignore;
  }

  /** @returns how the schema differs from the one that was added before */
  add(version: number, document: SchemaDocument): Difference[] {
    const { differences } = compare(this.last, document);
    this.schemas = withVersion(this.schemas, version, { before: this.last, after: document });
    this.digests.set(version, digestOf(document));
    this.last = document;
    return differences;
  }

  /** The schema that was added last. */
  get newest(): SchemaDocument {
    return this.last;
  }

  /** Whether a schema is that of the version, and the differences that no comparison before has told: one fault is told once. */
  compare(version: number, actual: SchemaDocument): { equal: boolean; news: Difference[] } {
    if (this.digests.get(version) === digestOf(actual)) return { equal: true, news: [] };
    const expected = schemaAt(this.schemas, version) ?? new Map();
    const { equal, differences } = compare(expected, actual, { ignore: this.ignore });
    const news = differences.filter((difference) => {
      const key = JSON.stringify([difference.what, difference.kind, difference.name, difference.actual]);
      return !this.told.has(key) && this.told.add(key);
    });
    return { equal, news };
  }
}
