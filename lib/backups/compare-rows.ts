import { qualifiedName } from '../postgres/identifier.ts';
import type { DecodedDump } from './copy-rows.ts';
import type { Manifest, TableRows } from './manifest.ts';

/** How the rows of tables differ from those that were counted when the backup was made. */
export function compareRows(counted: readonly TableRows[], found: ReadonlyMap<string, number>): string[] {
  const rest = new Map(found);
  const findings = counted.flatMap(({ schema, table, rows }) => {
    const name = qualifiedName(schema, table);
    const actual = rest.get(name);
    rest.delete(name);
    if (actual === undefined) return [`${name} is not in it; ${rows} rows were counted`];
    return actual === rows ? [] : [`${name} has ${actual} rows in it; ${rows} were counted`];
  });
  return [...findings, ...[...rest.keys()].map((name) => `${name} is in it and was not counted`)];
}

/** What a decoded dump lacks of what its manifest says. */
export function compareDump(made: Pick<Manifest, 'tables' | 'largeObjects'>, decoded: DecodedDump): string[] {
  const objects =
    decoded.largeObjects === made.largeObjects
      ? []
      : [`${decoded.largeObjects} large objects are in it; ${made.largeObjects} were counted`];
  const end = decoded.whole ? [] : ['its script does not come to its end'];
  return [...end, ...compareRows(made.tables, decoded.rows), ...objects];
}
