import type { ClientBase } from 'pg';
import { type CatalogTable, readTables } from './read-tables.ts';
import { compareLargeObjects, readSequences } from './survey-rest.ts';
import type { Survey, SurveyedTable } from './table.ts';
import { reading } from './text.ts';

export type Sides = {
  /** The instance that the run worked on. */
  live: ClientBase;
  /** What was recovered to the restore point beside it: a physical copy, so that a table has the same OID in both. */
  copy: ClientBase;
};

/**
 * Reads the tables of both sides and pairs them. Partitions are tables of their own here, and their parents are not: rows
 * lie in the leaves. Changes nothing.
 */
export async function surveyTables({ live, copy }: Sides): Promise<Survey> {
  const there = await reading(live, async () => ({
    tables: await readTables(live),
    sequences: await readSequences(live),
  }));
  const then = await reading(copy, async () => ({
    tables: await readTables(copy),
    sequences: await readSequences(copy),
  }));
  const restored = new Map(then.tables.map((table) => [table.oid, table]));
  const current = new Set(there.tables.map(({ oid }) => oid));
  const tables = [
    ...there.tables.map((table) => pair(table, restored.get(table.oid) ?? null)),
    ...then.tables.filter(({ oid }) => !current.has(oid)).map((table) => alone(table, 'copy')),
  ];
  const kinds = new Map([...then.tables, ...there.tables].map(({ label, kind }) => [label, kind]));
  const before = new Set(then.sequences.map(({ label }) => label));
  return {
    tables: tables.filter(({ label }) => kinds.get(label) === 'r'),
    sequences: there.sequences.filter(({ label }) => before.has(label)).map(({ schema, name }) => ({ schema, name })),
    largeObjects: await compareLargeObjects(live, copy),
    notes: [...kinds].flatMap(([label, kind]) => noteOn(label, kind)),
  };
}

function noteOn(label: string, kind: CatalogTable['kind']): string[] {
  if (kind === 'f') return [`${label} is a foreign table: its rows lie on another server, which no restore puts back.`];
  if (kind === 'm') return [`${label} is a materialized view: refresh it after replaying.`];
  return [];
}

function pair(live: CatalogTable, copy: CatalogTable | null): SurveyedTable {
  if (copy === null) return alone(live, 'live');
  // A column that was dropped and made again is another one, and so are two that exchanged their names.
  const columns = live.columns.filter((one) =>
    copy.columns.some(
      ({ number, name, type, generated }) =>
        number === one.number && name === one.name && type === one.type && generated === one.generated,
    ),
  );
  const shared = new Set(columns.map(({ name }) => name));
  const { schema, name, label } = copy;
  const lasting = copy.keys.filter((one) => one.columns.every((column) => shared.has(column)));
  const key = lasting.find((one) => live.keys.some((other) => isSame(one.columns, other.columns))) ?? null;
  const differing = live.columns.filter((one) => !shared.has(one.name));
  const renamed = live.label !== copy.label;
  const keyLost = key === null && copy.keys.length > 0;
  const gone = copy.columns.filter((one) => !shared.has(one.name));
  const became = [...live.columns, ...live.dropped].filter((one) => gone.some(({ number }) => number === one.number));
  const reasons = [
    ...(renamed ? [`it is called ${live.label} now`] : []),
    ...(differing.length > 0 ? [`the live table has other columns: ${names(differing)}`] : []),
    ...(gone.length > 0 ? [`the live table has not got the column ${names(gone)} as it was`] : []),
    ...(keyLost ? ['its key is not what it was'] : []),
  ];
  const isOnlyLonger =
    gone.length === 0 &&
    !renamed &&
    !keyLost &&
    differing.every(({ name: one }) => !copy.columns.some(({ name: other }) => other === one));
  const alteredBy = [...[...differing, ...became].map((one) => one.xid), ...(renamed || keyLost ? [live.xid] : [])];
  return {
    ...sized(live),
    ...{ label, schema, name, key, columns: columns.map(bare), side: 'both' },
    altered: reasons.length > 0 ? reasons.join('; ') : null,
    added: isOnlyLonger
      ? differing.filter((one) => !one.generated).map((one) => ({ name: one.name, empty: one.missing }))
      : null,
    alteredBy: reasons.length > 0 ? [...new Set(alteredBy)] : [],
    refiled: live.file !== copy.file,
    unreadable: live.unreadable ?? copy.unreadable ?? (renamed ? `it is called ${live.label} now` : null),
    unwritable: copy.unwritable,
  };
}

function alone(table: CatalogTable, side: 'live' | 'copy'): SurveyedTable {
  const { label, schema, name, unreadable, unwritable, columns, xid } = table;
  return {
    ...sized(table),
    ...{ label, schema, name, side, unreadable, unwritable, refiled: true },
    key: table.keys[0] ?? null,
    columns: columns.map(bare),
    altered: side === 'live' ? 'the copy has no such table' : 'the live database has no such table any more',
    alteredBy: side === 'live' ? [xid] : [],
  };
}

function sized({ unlogged, rows, bytes }: CatalogTable): Pick<SurveyedTable, 'unlogged' | 'width' | 'bytes'> {
  // Never analysed: a row of a kilobyte is a guess that holds few enough.
  return { unlogged, bytes, width: rows > 0 ? bytes / rows : 1024 };
}

function bare({ name, type, generated }: CatalogTable['columns'][number]): SurveyedTable['columns'][number] {
  return { name, type, generated };
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name, at) => name === b[at]);
}

function names(columns: readonly { name: string }[]): string {
  return columns.map(({ name }) => name).join(', ');
}
