import { type Group, join, type Token, tokenize } from './tokens.ts';

/**
 * The form in which two lines are compared. The server keeps expressions parsed, and prints them; what it prints, read back,
 * it sometimes parses a little differently and prints differently from then on. A dump and restore does just that, so these
 * differences are none:
 *
 * - blanks and line breaks between words ({@link join})
 * - where an array is cast ({@link distributeArrayCasts})
 * - brackets around an AND inside an AND, an OR inside an OR ({@link flattenConditions})
 *
 * Strings and names in quotes are not looked into, and so neither are the bodies of functions, which are strings. Comments are no SQL, and
 * stay as they are.
 */
export function normalForm(line: string): string {
  const tokens = /^(?:index )?comment /.test(line) ? null : tokenize(line);
  return tokens === null ? line : join(normalize(tokens));
}

function normalize(tokens: readonly Token[]): Token[] {
  const inside = tokens.map((token) => (isGroup(token) ? { ...token, inside: normalize(token.inside) } : token));
  return flattenConditions(distributeArrayCasts(inside));
}

/**
 * `(ARRAY['a'::varchar, 'b'::varchar])::text[]` becomes `ARRAY[('a'::varchar)::text, ('b'::varchar)::text]`.
 *
 * `status IN ('a', 'b')` on a varchar is first printed in the one form. Reading that, the server hands the cast of an ARRAY[...] to its
 * elements (`transformTypeCast` in its parse_expr.c), and prints the other form from then on. Safe, because the cast of an array
 * is by definition the cast of each of its elements.
 */
function distributeArrayCasts(tokens: readonly Token[]): Token[] {
  const result: Token[] = [];
  for (let at = 0; at < tokens.length; at += 1) {
    const token = tokens[at];
    if (token === undefined) break;
    const elements = isGroup(token) && token.open === '(' ? arrayInside(token) : null;
    const cast = elements && readArrayType(tokens, at + 1);
    if (!elements || !cast) {
      result.push(token);
      continue;
    }
    const casted = elements.map((element): Token[] => [{ open: '(', inside: element }, '::', ...cast.type]);
    result.push('ARRAY', {
      open: '[',
      inside: casted.flatMap((element, index) => (index ? [',', ...element] : element)),
    });
    at = cast.end - 1;
  }
  return result;
}

/** The elements of `(ARRAY[...])`, null for anything else in brackets. */
function arrayInside({ inside }: Group): Token[][] | null {
  const [word, list, ...more] = inside;
  if (word !== 'ARRAY' || !isGroup(list) || more.length > 0 || list.inside.length === 0) return null;
  return splitAt(list.inside, ',');
}

/** The element type of `::type[]`, which starts at `from`, and where it ends; null when no cast to an array stands there. */
function readArrayType(tokens: readonly Token[], from: number): { type: Token[]; end: number } | null {
  if (tokens[from] !== '::') return null;
  let end = from + 1;
  while (isTypeToken(tokens[end])) end += 1;
  const brackets = tokens[end];
  if (end === from + 1 || !isGroup(brackets) || brackets.open !== '[' || brackets.inside.length > 0) return null;
  return { type: tokens.slice(from + 1, end), end: end + 1 };
}

/** A word of a type's name, the point between schema and name, or `(10,2)`. */
function isTypeToken(token: Token | undefined): boolean {
  if (token === undefined) return false;
  return isGroup(token) ? token.open === '(' : token === '.' || /^["A-Za-z_\u0080-\uffff]/.test(token);
}

/**
 * `(((a) AND (b)) AND (c))` becomes `((a) AND (b) AND (c))`; the same with OR.
 *
 * `x BETWEEN 1 AND 2 AND y` is kept as an AND inside an AND, printed with brackets, and read back as one AND of three. Safe, because
 * AND and OR are associative, with null as well (https://www.postgresql.org/docs/15/functions-logical.html). Conditions keep their order.
 */
function flattenConditions(tokens: readonly Token[]): Token[] {
  for (const word of ['AND', 'OR']) {
    const operands = splitAt(tokens, word);
    if (operands.length < 2) continue;
    // Anything else in the same brackets is bound more loosely than this word, and would not be an operand of it.
    const flat = operands.flatMap((operand) => {
      const [group, ...more] = operand;
      if (!isGroup(group) || group.open !== '(' || more.length > 0) return [operand];
      const inner = splitAt(group.inside, word);
      return inner.length > 1 && inner.every(isOneCondition) ? inner : [operand];
    });
    return flat.flatMap((operand, index) => (index ? [word, ...operand] : operand));
  }
  return [...tokens];
}

/** The server puts each operand of an AND and an OR in brackets, unless it is a name, a call or a NOT. A comma or a keyword tells of other things. */
function isOneCondition(operand: readonly Token[]): boolean {
  return operand.length > 0 && !operand.some((token) => typeof token === 'string' && OTHER_THINGS.has(token));
}

const OTHER_THINGS: ReadonlySet<string> = new Set([
  ',',
  ';',
  'SELECT',
  'FROM',
  'WHERE',
  'BETWEEN',
  'WHEN',
  'THEN',
  'ELSE',
  'AND',
  'OR',
]);

function splitAt(tokens: readonly Token[], separator: string): Token[][] {
  const pieces: Token[][] = [[]];
  for (const token of tokens) {
    if (token === separator) pieces.push([]);
    else pieces.at(-1)?.push(token);
  }
  return pieces;
}

function isGroup(token: Token | undefined): token is Group {
  return typeof token === 'object';
}
