/** What may stand between the word and its value: blanks and comments. */
const GAP = String.raw`(?:\s|--[^\r\n]*[\r\n]|/\*[\s\S]*?\*/)*`;

/**
 * A string as it stands in a statement, and as it stands in a statement that is itself in a string (once or twice, where
 * every quote is doubled), and between dollars. One that does not end goes to the end of the text. The deepest comes
 * first: read from outside, its first quotes would be an empty string.
 */
const LITERAL = [
  String.raw`\$(?<tag>[^\s$']*)\$[\s\S]*?(?:\$\k<tag>\$|$)`,
  String.raw`e''''(?:\\''''|\\[^']|'{8}|[^'\\])+(?:''''(?!')|$)`,
  String.raw`e''(?:\\''|\\[^']|''''|[^'\\])+(?:''(?!')|$)`,
  String.raw`e'(?:\\[\s\S]|''|[^'\\])*(?:'|$)`,
  "(?:u&|[nbx])?''''(?:'{8}|[^'])+(?:''''(?!')|$)",
  "(?:u&|[nbx])?''(?:''''|[^'])+(?:''(?!')|$)",
  // SQL joins strings that a line break separates.
  String.raw`(?:u&|[nbx])?'(?:''|[^'])*(?:'|$)(?:[ \t]*[\r\n]\s*'(?:''|[^'])*(?:'|$))*`,
].join('|');

const PASSWORD = new RegExp(
  String.raw`(?<head>passw(?:or)?d"?${GAP}(?::=|=>?)?${GAP})(?<literal>${LITERAL})|(?<bare>passw(?:or)?d=)(?<word>[^\s'"$&,;]+)`,
  'gi',
);

/** `PASSWORD 'x'` (or `password=x`) without its value: what a server says goes into logs and reports. */
export function redact(text: string): string {
  return hide(text, (secret) => (/^(?:u&|[enbx])?'|^\$/i.test(secret) ? `'***'` : '***')).replace(
    // The token that it names is all that follows the quote, and that may be a password.
    /(unterminated [^"]*at or near ")[\s\S]*(")/,
    '$1...$2',
  );
}

/** The same, with every place and line break where it was. */
export function redactInPlace(text: string): string {
  return hide(text, (secret) => {
    const open = /^(?:u&|[enbx])?'|^\$[^\s$']*\$/i.exec(secret)?.[0] ?? '';
    const rest = secret.slice(open.length);
    const delimiter = open.endsWith("'") ? "'" : open;
    const close = rest.endsWith(delimiter) ? delimiter : '';
    return open + rest.slice(0, rest.length - close.length).replace(/[^\r\n]/g, '*') + close;
  });
}

/** The detail of a broken constraint without the values of the row: they are somebody's data. */
export function redactRow(detail: string): string {
  return detail
    .replace(/^([^(]*\(.*?\)=)\(.*\)( [^()]*\([^()]*\)=)\(.*\)(?=[^)]*$)/s, '$1(...)$2(...)')
    .replace(/^([^(]*\(.*?\)=)\((?!\.\.\.\)).*\)(?=[^)]*$)/s, '$1(...)')
    .replace(/(\bfailing row contains )\(.*\)/is, '$1(...)');
}

function hide(text: string, as: (secret: string) => string): string {
  return text.replace(PASSWORD, (...match: unknown[]) => {
    const groups = match.at(-1);
    const part = (name: string) => {
      const value: unknown = typeof groups === 'object' && groups !== null ? Reflect.get(groups, name) : '';
      return typeof value === 'string' ? value : '';
    };
    return part('head') + part('bare') + as(part('literal') || part('word'));
  });
}
