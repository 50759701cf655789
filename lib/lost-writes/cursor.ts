import * as z from 'zod/mini';
import { xid } from '../postgres/columns.ts';
import { tally } from './finding.ts';

/** Where a table's reading stands. */
const position = z.discriminatedUnion('phase', [
  /** Again by key, what an earlier pass found: the number of the next. */
  z.object({ phase: z.literal('recheck'), next: z.int() }),
  /** The live table page by page. `row`: the last one looked at in the page range that starts with `page`. */
  z.object({
    phase: z.literal('scan'),
    page: z.int(),
    row: z.nullable(z.string()),
    /** The table's file: a table that gets another one begins again. */
    file: z.nullable(z.string()),
    pages: z.int(),
  }),
  /** The copy's rows, counted page by page. */
  z.object({ phase: z.literal('count'), page: z.int(), rows: z.int() }),
  /** Keys of the copy in order, after one. */
  z.object({ phase: z.literal('keys'), after: z.nullable(z.array(z.string())) }),
]);

/**
 * Where the search for lost rows stands. `first`: while others still write; what comes after `snapshot` is left to the second pass.
 * `second`: on the frozen instance, what came after the first. `only`: all at once, frozen.
 */
export const cursor = z.object({
  format: z.literal(1),
  pass: z.enum(['first', 'second', 'only']),
  /** Rows written by this transaction or later ones are looked at; null: all rows. */
  since: z.nullable(xid),
  /** pg_current_snapshot() when the pass began. */
  snapshot: z.string(),
  table: z.int(),
  position: z.nullable(position),
  /** By table. */
  tallies: z.record(z.string(), tally),
  done: z.boolean(),
});

export type Position = z.infer<typeof position>;
export type Cursor = z.infer<typeof cursor>;

/** The oldest transaction that a snapshot does not see as finished: `10:20:10,14` names 10. */
export function oldestOf(snapshot: string): string {
  return xid.parse(snapshot.split(':')[0]);
}
