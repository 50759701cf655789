import { printable } from '../terminal.ts';

/** An answer as columns of text; `null` is SQL's NULL. */
export type Answer = {
  /** `INSERT`, `SELECT`. */
  command: string;
  rowCount: number | null;
  columns: { name: string; isNumber: boolean }[];
  rows: (string | null)[][];
};

/** The answer as a table for a person; a statement without columns is one line. */
export function tableOf({ command, rowCount, columns: named, rows }: Answer): string {
  if (named.length === 0) return rowCount === null ? command : `${command} ${rowCount}`;
  const cells = rows.map((row) => row.map((value) => (value === null ? 'NULL' : value)));
  return [...columns(named, cells), `(${rows.length === 1 ? '1 row' : `${rows.length} rows`})`].join('\n');
}

/** Rows below their names, numbers to the right. */
export function columns(named: Answer['columns'], rows: readonly (readonly string[])[]): string[] {
  const cells = rows.map((row) => row.map(oneLine));
  const names = named.map(({ name }) => oneLine(name));
  const widths = names.map((name, at) => Math.max(name.length, ...cells.map((row) => row[at]?.length ?? 0)));
  const line = (row: string[], isHead: boolean) =>
    row
      .map((cell, at) =>
        named[at]?.isNumber && !isHead ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0),
      )
      .join(' | ')
      .trimEnd();
  return [
    line(names, true),
    widths.map((width) => '-'.repeat(width)).join('-+-'),
    ...cells.map((row) => line(row, false)),
  ];
}

function oneLine(text: string): string {
  return printable(text).replaceAll('\t', ' ').replaceAll('\n', '\u21b5');
}
