import { grammar } from '../migrations/grammar.ts';
import { type TextFacts, unknown } from './facts.ts';
import { recordDefaults } from './record-defaults.ts';
import { field, text } from './tree.ts';

/** Reads SQL of any number of statements as one. */
export type ReadSql = (sql: string) => Promise<TextFacts>;

/**
 * What a body in PL/pgSQL may do, by PostgreSQL's own parser of it: each statement and expression in it is SQL and is read as such. Loops and
 * conditions are not followed: whatever stands there may happen. A text put together at run time may do anything.
 *
 * @param statement the whole DO or CREATE FUNCTION
 * @param read      for the SQL in it
 */
export async function readPlpgsql(options: { statement: string; body: string; read: ReadSql }): Promise<TextFacts> {
  const { statement, body, read } = options;
  const { parsePlPgSQLSync } = await grammar();
  let tree: unknown;
  try {
    tree = parsePlPgSQLSync(statement);
  } catch (error) {
    // It knows no types of the users, for one. What it does not take is not known.
    return unknown(`PL/pgSQL that could not be read (${error instanceof Error ? error.message : String(error)})`);
  }
  const found: Found = { sql: [], records: new Set(), unknown: null };
  walk(tree, found);
  if (found.unknown !== null) return unknown(found.unknown);
  for (const expression of await recordDefaults(body, found.records)) found.sql.push(`select ${expression}`);
  const facts: TextFacts = { effects: [], functions: [] };
  for (const sql of found.sql) {
    const { effects, functions } = await read(sql);
    facts.effects.push(...effects);
    facts.functions.push(...functions);
  }
  return { ...facts, functions: [...new Set(facts.functions)] };
}

type Found = { sql: string[]; records: Set<string>; unknown: string | null };

/** What has nothing in it but its expressions and the statements below it. */
const STATEMENTS = [
  ...['block', 'assign', 'if', 'case', 'loop', 'while', 'fori', 'fors', 'forc', 'foreach_a', 'exit', 'return'],
  ...['return_next', 'return_query', 'raise', 'assert', 'execsql', 'call', 'perform', 'getdiag', 'open', 'fetch'],
  ...['close', 'commit', 'rollback'],
];
const KNOWN: ReadonlySet<string> = new Set([
  ...['function', 'var', 'row', 'rec', 'recfield', 'type', 'expr', 'diag_item', 'if_elsif', 'case_when'],
  ...['exception_block', 'exception', 'condition', 'raise_option'],
  ...STATEMENTS.map((kind) => `stmt_${kind}`),
]);

function walk(tree: unknown, found: Found): void {
  if (Array.isArray(tree)) {
    for (const item of tree) walk(item, found);
    return;
  }
  if (typeof tree !== 'object' || tree === null) return;
  for (const [key, value] of Object.entries(tree)) {
    const kind = /^PLpgSQL_(.*)$/.exec(key)?.[1];
    if (kind === 'stmt_dynexecute' || kind === 'stmt_dynfors' || key === 'dynquery') found.unknown ??= 'EXECUTE';
    else if (kind !== undefined && !KNOWN.has(kind)) found.unknown ??= `${kind} in PL/pgSQL`;
    if (kind === 'rec') found.records.add(text(field(value, 'refname')));
    if (kind === 'expr') {
      const sql = sqlOf(text(field(value, 'query')), field(value, 'parseMode') ?? 0);
      if (sql === null) found.unknown ??= 'an expression that could not be read';
      else found.sql.push(...sql);
    }
    walk(value, found);
  }
}

/** How the server reads an expression (RawParseMode): a statement, an expression, or an assignment to a name of one to three parts. */
function sqlOf(query: string, mode: unknown): string[] | null {
  if (mode === 0) return [query];
  if (mode === 2) return [`select ${query}`];
  if (mode !== 3 && mode !== 4 && mode !== 5) return null;
  const assignment = /^([\w.\s"$]+)(\[[\s\S]*?\])?\s*:?=([\s\S]*)$/.exec(query);
  if (assignment === null) return null;
  const [, , subscripts, value = ''] = assignment;
  return [`select ${value}`, ...(subscripts === undefined ? [] : [`select ('{}'::text[])${subscripts}`])];
}
