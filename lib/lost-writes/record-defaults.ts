import { grammar } from '../migrations/grammar.ts';

/**
 * The expressions with which records of a body begin, which the parser of PL/pgSQL leaves out of what it tells: `r record := f(1)`.
 * @param records their names
 */
export async function recordDefaults(body: string, records: ReadonlySet<string>): Promise<string[]> {
  if (records.size === 0) return [];
  const { scanSync } = await grammar();
  const bytes = Buffer.from(body);
  const found: string[] = [];
  let declared: { name: string; from: number | null } | null = null;
  let isDeclaring = false;
  for (const { text, start, end } of scanSync(body).tokens) {
    const word = text.toLowerCase();
    if (word === 'declare') [isDeclaring, declared] = [true, null];
    else if (word === 'begin') isDeclaring = false;
    else if (!isDeclaring) continue;
    else if (declared === null) declared = { name: unquoted(text), from: null };
    else if (word === ';') {
      if (declared.from !== null && records.has(declared.name)) {
        found.push(bytes.subarray(declared.from, start).toString('utf8'));
      }
      declared = null;
    } else if (/^(:=|=|default)$/.test(word)) declared.from ??= end;
  }
  return found;
}

function unquoted(name: string): string {
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name.toLowerCase();
}
