import { invalidArgument } from './errors.ts';

/** One entry of a listing: a key, or the prefix that keys have in common up to the delimiter. */
export type Entry = { kind: 'key'; key: string } | { kind: 'prefix'; key: string };

/**
 * The keys with `prefix` that come after `after`, in the order of their UTF-8 bytes; those with `delimiter` behind the prefix
 * are rolled up into one entry for each common prefix. `after` may be such an entry of the page before.
 */
export function listKeys(
  keys: Iterable<string>,
  { prefix, delimiter, after }: { prefix: string; delimiter: string; after: string },
): Entry[] {
  const entries: Entry[] = [];
  let common: string | null = null;
  for (const key of [...keys].filter((each) => each.startsWith(prefix)).sort(byBytes)) {
    const at = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
    const folder = at < 0 ? null : key.slice(0, at + delimiter.length);
    if (byBytes(key, after) <= 0 || (folder !== null && (folder === common || folder === after))) continue;
    common = folder;
    entries.push(folder === null ? { kind: 'key', key } : { kind: 'prefix', key: folder });
  }
  return entries;
}

/** A count in the query between 0 and 1,000, which is also what stands in for none. */
export function countOf(query: URLSearchParams, name: string): number {
  const text = query.get(name);
  if (text === null || text === '') return 1000;
  if (!/^\d+$/.test(text)) throw invalidArgument(`Provided ${name} not an integer or within integer range`, name);
  return Math.min(Number(text), 1000);
}

/** How a listing writes keys: as they are, or percent-encoded for what XML cannot hold. */
export function keyEncoder(query: URLSearchParams): (key: string) => string {
  const type = query.get('encoding-type');
  if (type === null) return (key) => key;
  if (type !== 'url') throw invalidArgument('Invalid Encoding Method specified in Request', 'encoding-type');
  return (key) => encodeURIComponent(key).replace(/%2F/g, '/').replace(/%20/g, '+');
}

function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
