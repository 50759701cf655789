import * as z from 'zod/mini';

const row = z.nullable(z.array(z.nullable(z.string())));

/**
 * A row that other sessions may have written and the copy has not got. Values are the server's text, in the order of the
 * survey's columns of the table.
 */
export const finding = z.object({
  table: z.string(),
  /** The values of the key's columns; empty in a table without one. */
  key: z.array(z.string()),
  /** `none` takes back what an earlier look found. */
  kind: z.enum(['insert', 'update', 'delete', 'none']),
  live: row,
  copy: row,
  /**
   * Who wrote the live row: certainly others, certainly our run (and yet it is not what our run alone would leave), or
   * somebody in a range of transactions in which some of ours had no name. Nobody wrote a row that is gone.
   */
  author: z.enum(['others', 'ours', 'unclear', 'gone']),
  /** Whether the live row has something in columns that the copy has not got. */
  filled: z.optional(z.boolean()),
});

/** What was counted in a table while it was read. */
export const tally = z.object({
  /** Rows of the live table and of the copy. */
  liveRows: z.int(),
  copyRows: z.nullable(z.int()),
  /** Rows with a key that the copy has not got: of others or unclear, and of ours. */
  foreignNew: z.int(),
  ownNew: z.int(),
  /** Rows that carry our xid and are in the copy, too; of these, those where a column differs that our statements set. */
  ownKept: z.int(),
  ownSet: z.int(),
  /** Keys that the copy has and the live table has not. */
  missing: z.int(),
  /** Whether all keys were compared, or counting showed that it was not needed. */
  compared: z.enum(['not-yet', 'by-count', 'by-key', 'impossible']),
});

export type Finding = z.infer<typeof finding>;
export type Tally = z.infer<typeof tally>;

export const EMPTY_TALLY: Tally = {
  liveRows: 0,
  copyRows: null,
  ...{ foreignNew: 0, ownNew: 0, ownKept: 0, ownSet: 0, missing: 0 },
  compared: 'not-yet',
};

/** Names a row among all tables. */
export function rowId({ table, key }: Pick<Finding, 'table' | 'key'>): string {
  return JSON.stringify([table, ...key]);
}

/** What was found in the end: of each row the last word. Rows without a key are all kept. */
export function mergeFindings(slices: Iterable<Iterable<Finding>>): Finding[] {
  const last = new Map<string, Finding>();
  let nameless = 0;
  for (const slice of slices) {
    for (const found of slice) {
      if (found.key.length === 0) nameless += 1;
      last.set(found.key.length > 0 ? rowId(found) : `${nameless}`, found);
    }
  }
  return [...last.values()].filter(({ kind }) => kind !== 'none');
}
