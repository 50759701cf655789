import { createHash } from 'node:crypto';
import type { Statement } from '../migrations/parse.ts';
import { type Body, type TextFacts, unknown } from './facts.ts';
import { type ReadSql, readPlpgsql } from './plpgsql-facts.ts';
import { collect, field, lastName, list, text } from './tree.ts';

/** What a DO block may do. */
export async function readDo({ sql, tree }: Pick<Statement, 'sql' | 'tree'>, read: ReadSql): Promise<TextFacts> {
  const options = optionsOf(field(field(tree, 'DoStmt'), 'args'));
  const language = stringOf(options.get('language'));
  if (language !== '' && language !== 'plpgsql') return unknown(`a DO block in ${language}`);
  return readPlpgsql({ statement: sql, body: stringOf(options.get('as')), read });
}

/** The function or procedure that a statement makes; null for one whose body is no text that the catalog would have. */
export async function definedBy({ sql, tree }: Pick<Statement, 'sql' | 'tree'>, read: ReadSql): Promise<Body | null> {
  const statement = field(tree, 'CreateFunctionStmt');
  const name = lastName(field(statement, 'funcname'));
  const options = optionsOf(field(statement, 'options'));
  const parts = list(field(field(options.get('as'), 'List'), 'items'));
  if (parts.length !== 1) return null;
  const body = stringOf(parts[0]);
  const language = stringOf(options.get('language'));
  const known = { name, sha256: createHash('sha256').update(body).digest('hex') };
  const facts = await factsIn(language, { statement: sql, body, read });
  // Defaults of its parameters are computed where it is called.
  const found: TextFacts = { effects: facts.effects, functions: [...facts.functions] };
  collect(field(statement, 'parameters'), found);
  return { ...known, ...found };
}

function factsIn(language: string, text: Parameters<typeof readPlpgsql>[0]): TextFacts | Promise<TextFacts> {
  if (language === 'plpgsql') return readPlpgsql(text);
  return language === 'sql' ? text.read(text.body) : unknown(`a function in ${language}`);
}

function stringOf(node: unknown): string {
  return text(field(field(node, 'String'), 'sval'));
}

function optionsOf(items: unknown): Map<string, unknown> {
  return new Map(
    list(items).map((item) => {
      const element = field(item, 'DefElem');
      return [text(field(element, 'defname')), field(element, 'arg')];
    }),
  );
}
