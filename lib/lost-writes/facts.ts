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
  /** From here on whoever writes the table runs code, and it may be gone by the time when somebody looks. */
  z.object({ does: z.literal('trigger'), to: relation, trigger: z.string() }),
  /** The text does not tell, and why not. */
  z.object({ does: z.literal('anything'), why: z.optional(z.string()) }),
]);

/** What a text alone tells: of a statement, or of a function's body. */
const textFacts = {
  effects: z.array(effect),
  /** Names of functions and procedures that it calls; one that is not PostgreSQL's own may do anything, unless its body is known. */
  functions: z.array(z.string()),
};

const body = z.object({ name: z.string(), sha256: z.string(), ...textFacts });

const statementFacts = z.object({
  ...textFacts,
  /** The bodies of functions that it makes, by the SHA-256 of their text: what the catalog has under the name is then known to be this. */
  defines: z.optional(z.array(body)),
});

/** The facts of a file's statements, in order. */
export const fileFacts = z.array(statementFacts);

export type Relation = z.infer<typeof relation>;
export type Effect = z.infer<typeof effect>;
export type TextFacts = Pick<StatementFacts, 'effects' | 'functions'>;
export type Body = z.infer<typeof body>;
export type StatementFacts = z.infer<typeof statementFacts>;

/** Facts of a text that does not tell. */
export function unknown(why: string): TextFacts {
  return { effects: [{ does: 'anything', why }], functions: [] };
}
