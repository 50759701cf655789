/** An element of a parsed document: its children, and the text of one without any. */
export type Element = { name: string; children: Element[]; text: string };

const TOKEN =
  /<!--[\s\S]*?-->|<\?[\s\S]*?\?>|<(\/?)([A-Za-z_][\w.:-]*)((?:\s+[^\s=>/]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*(\/?)>|([^<]+)/gy;
const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** Parses the small documents that S3's clients send: elements and text, attributes skipped. Null when it is not well-formed. */
export function parseXml(text: string): Element | null {
  const top: Element = { name: '', children: [], text: '' };
  const open = [top];
  let end = 0;
  for (const token of text.trim().matchAll(TOKEN)) {
    end = token.index + token[0].length;
    const [, closes, name, , empty, words] = token;
    const at = open[open.length - 1];
    if (at === undefined) return null;
    if (words !== undefined) at.text += unescapeXml(words);
    else if (closes && name !== undefined) {
      if (open.pop()?.name !== name) return null;
    } else if (name !== undefined) {
      const element: Element = { name, children: [], text: '' };
      at.children.push(element);
      if (!empty) open.push(element);
    }
  }
  const [root] = top.children;
  return end === text.trim().length && open.length === 1 && top.children.length === 1 && root ? root : null;
}

/** The children of that name. */
export function all(element: Element, name: string): Element[] {
  return element.children.filter((child) => child.name === name);
}

/** The text of the first element below `element` by that path of names, or null. */
export function textAt(element: Element, ...path: string[]): string | null {
  let at: Element | undefined = element;
  for (const name of path) at = at?.children.find((child) => child.name === name);
  return at?.text ?? null;
}

function unescapeXml(text: string): string {
  return text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (whole, hex, decimal, name) => {
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
    if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
    return ENTITIES[name] ?? whole;
  });
}
