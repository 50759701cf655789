import * as z from 'zod/mini';

const relation = z.object({ schema: z.nullable(z.string()), name: z.string() });

/** One thing that a statement of a file may do to rows of a table that was there before. */
const effect = z.discriminatedUnion('does', [
  z.object({ does: z.literal('insert'), to: relation }),
  /** Columns that it sets; null where the text does not name them. */
  z.object({ does: z.literal('update'), to: relation, columns: z.nullable(z.array(z.string())) }),
  z.object({ does: z.literal('delete'), to: relation }),
  z.object({ does: z.literal('make'), to: relation }),
  /** Anything at all with the rows of one table: TRUNCATE, DROP, ALTER. */
  z.object({ does: z.literal('replace'), to: relation }),
  /** The text does not tell. */
  z.object({ does: z.literal('anything') }),
]);

/** What the text alone tells of a statement. */
const statementFacts = z.object({
  effects: z.array(effect),
  /** Names of functions that it calls; one that is not PostgreSQL's own may do anything. */
  functions: z.array(z.string()),
});

/** The facts of a file's statements, in order. */
export const fileFacts = z.array(statementFacts);

export type Relation = z.infer<typeof relation>;
export type Effect = z.infer<typeof effect>;
export type StatementFacts = z.infer<typeof statementFacts>;
