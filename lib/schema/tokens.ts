/** A word, number, string, quoted name or operator character of SQL, or a group in brackets. */
export type Token = string | Group;

/** What stands between `(` and `)` or `[` and `]`. */
export type Group = { open: '(' | '['; inside: Token[] };

/**
 * Strings, names in quotes, dollar-quoted bodies, words, numbers, operators, and any other character by itself, by PostgreSQL's
 * lexical rules with standard_conforming_strings on. Blanks between them are dropped.
 */
const TOKEN = new RegExp(
  [
    String.raw`\s+`,
    String.raw`[eE]'(?:[^'\\]|''|\\[\s\S])*'`,
    `[bBxX]?'(?:[^']|'')*'`,
    `"(?:[^"]|"")*"`,
    String.raw`(\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$)[\s\S]*?\1`,
    String.raw`[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*`,
    String.raw`\d+(?:\.\d+)?(?:[eE][+-]?\d+)?`,
    '::',
    '[-+*/<>=~!@#%^&|`?]+',
    String.raw`[\s\S]`,
  ].join('|'),
  'g',
);

/** The tokens of what the server printed; null where brackets do not match, which then is not for us to understand. */
export function tokenize(text: string): Token[] | null {
  const top: Token[] = [];
  const open: Group[] = [];
  let into = top;
  for (const [token] of text.matchAll(TOKEN)) {
    if (/^\s/.test(token)) continue;
    if (token === '(' || token === '[') {
      const group: Group = { open: token, inside: [] };
      into.push(group);
      open.push(group);
      into = group.inside;
    } else if (token === ')' || token === ']') {
      const closed = open.pop();
      if (!closed || (token === ')') !== (closed.open === '(')) return null;
      into = open.at(-1)?.inside ?? top;
    } else into.push(token);
  }
  return open.length === 0 ? top : null;
}

/** One text for tokens, whatever blanks stood between them. */
export function join(tokens: readonly Token[]): string {
  return tokens
    .map((token) =>
      typeof token === 'string' ? token : `${token.open} ${join(token.inside)} ${token.open === '(' ? ')' : ']'}`,
    )
    .join(' ');
}
