const ESCAPES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\r': '&#xD;',
};

/** Text safe between tags. What XML 1.0 cannot hold at all becomes U+FFFD. */
export function escapeXml(text: string): string {
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that XML 1.0 forbids
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
      .replace(/[&<>"\r]/g, (character) => ESCAPES[character] ?? character)
  );
}

/**
 * Elements of the object's keys, in order: an array becomes a repeated element of its key's name, a date its ISO form, null
 * and undefined nothing.
 */
export function toXml(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (value instanceof Date) return value.toISOString();
  if (typeof value !== 'object') return escapeXml(String(value));
  return Object.entries(value)
    .map(([name, child]) =>
      Array.isArray(child) ? child.map((item) => element(name, item)).join('') : element(name, child),
    )
    .join('');
}

function element(name: string, value: unknown): string {
  return value === null || value === undefined ? '' : `<${name}>${toXml(value)}</${name}>`;
}

/** A whole document with one root element. */
export function xmlDocument(root: string, namespace: string | null, body: unknown): string {
  const open = namespace === null ? root : `${root} xmlns="${namespace}"`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${open}>${toXml(body)}</${root}>`;
}
