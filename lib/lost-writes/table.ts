import * as z from 'zod/mini';
import { xid } from '../postgres/columns.ts';
import { qualifiedName, quoteIdentifier } from '../postgres/identifier.ts';

const column = z.object({
  name: z.string(),
  /** As SQL names it, with its modifier. */
  type: z.string(),
  /** Computed from the others, so never written. */
  generated: z.boolean(),
});

const key = z.object({
  columns: z.array(z.string()),
  /** For each column, the equality of the index that makes the key one: `operator(pg_catalog.=)`. */
  equals: z.array(z.string()),
  /** The schema of `<` and `>` for all of its columns; null where they have none in common, and no range can be told. */
  order: z.nullable(z.string()),
});

/** What is known of a table before a row is read. */
export const surveyedTable = z.object({
  /** `schema.table`, quoted where SQL asks for it, as the journal has it. */
  label: z.string(),
  schema: z.string(),
  name: z.string(),
  /** `live`, `copy`: only there. A table that was dropped and made again is two. */
  side: z.enum(['both', 'live', 'copy']),
  /** The columns that both have under one name and type; all of the live one's where the copy has no such table. */
  columns: z.array(column),
  /** Null: rows cannot be told from each other. */
  key: z.nullable(key),
  unlogged: z.boolean(),
  /** What the live table's columns, key or name have become since; null when they are as in the copy. */
  altered: z.nullable(z.string()),
  /**
   * The columns that the live table has more, and what a row has in each that nobody filled, as text; null when it differs in anything else.
   * Not those that are computed.
   */
  added: z.optional(z.nullable(z.array(z.object({ name: z.string(), empty: z.nullable(z.string()) })))),
  /** The transactions that wrote what differs: of the table's own rows in the catalogs. */
  alteredBy: z.array(xid),
  /** It has another file than in the copy: truncated or rewritten by anybody. */
  refiled: z.boolean(),
  /** Why its rows cannot be read, or not be written without doing more; null when nothing is in the way. */
  unreadable: z.nullable(z.string()),
  unwritable: z.nullable(z.string()),
  /** Mean bytes of a row. */
  width: z.number(),
  bytes: z.number(),
});

/** Both sides' tables, and what is beside them. */
export const survey = z.object({
  tables: z.array(surveyedTable),
  sequences: z.array(z.object({ schema: z.string(), name: z.string() })),
  /** Whether large objects may have changed. */
  largeObjects: z.nullable(z.string()),
  /** Tables whose rows lie elsewhere, and views that keep rows of their own: nothing is lost in them, but a person may want to look. */
  notes: z.array(z.string()),
});

export type Column = z.infer<typeof column>;
export type Key = z.infer<typeof key>;
export type SurveyedTable = z.infer<typeof surveyedTable>;
export type Survey = z.infer<typeof survey>;

/** The table itself, without what inherits from it. */
export function only({ schema, name }: { schema: string; name: string }): string {
  return `only ${qualifiedName(schema, name)}`;
}

/** Its columns as a statement lists them. */
export function list(names: readonly string[], prefix = ''): string {
  return names.map((name) => prefix + quoteIdentifier(name)).join(', ');
}

/** The types of these columns of the table. */
export function typesOf(table: SurveyedTable, names: readonly string[]): string[] {
  return names.map((name) => {
    const found = table.columns.find((one) => one.name === name);
    if (!found) throw new Error(`${table.label} has no column ${name} on both sides.`);
    return found.type;
  });
}

/** How many rows to hold at once: a few megabytes, and no more parameters than a statement may have (65,535). */
export function batchSize(table: SurveyedTable, columns: number, most = 1000): number {
  const byBytes = Math.floor(4_000_000 / Math.max(1, table.width));
  return Math.max(1, Math.min(most, byBytes, Math.floor(60_000 / Math.max(1, columns))));
}
