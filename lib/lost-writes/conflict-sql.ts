import { quoteIdentifier } from '../postgres/identifier.ts';
import type { Doubt } from './classify.ts';
import type { Finding } from './finding.ts';
import { differences } from './judge.ts';
import { columnNames } from './rows.ts';
import { list, only, type SurveyedTable, typesOf } from './table.ts';
import { quoteLiteral, type TextRow } from './text.ts';

/**
 * What a person would run on the restored copy to give this row the content that the live one had, after looking at it: both
 * contents stand above it as comments. Nothing of a row gets out of its comment or its literal.
 */
export function conflictSql(table: SurveyedTable, { finding, doubt }: { finding: Finding; doubt: Doubt }): string {
  const told = (row: TextRow | null) => (row === null ? 'no such row' : JSON.stringify(asObject(table, row)));
  return [
    comment(`${table.label}: ${finding.kind}, ${doubt}`),
    comment(`live: ${told(finding.live)}`),
    comment(`copy: ${told(finding.copy)}`),
    `${statement(table, finding)};`,
  ].join('\n');
}

/** The row by its columns' names. */
export function asObject(table: SurveyedTable, row: TextRow): Record<string, string | null> {
  return Object.fromEntries(columnNames(table).map((name, at) => [name, row[at] ?? null]));
}

function statement(table: SurveyedTable, { kind, live, copy, key }: Finding): string {
  const values = (row: TextRow, names: readonly string[]) => {
    const types = typesOf(table, names);
    return names.map((name, at) => `${quoteLiteral(row[columnNames(table).indexOf(name)] ?? null)}::${types[at]}`);
  };
  const written = table.columns.filter(({ generated }) => !generated).map(({ name }) => name);
  const where = () => (table.key ? whereKey(table, table.key, key) : 'false');
  if (kind === 'insert' && live !== null) {
    return `insert into ${only(table).slice('only '.length)} (${list(written)}) overriding system value values (${values(live, written).join(', ')})`;
  }
  if (kind === 'delete' || live === null) return `delete from ${only(table)} where ${where()}`;
  const differing = copy === null ? written : differences(table, live, copy).filter((name) => written.includes(name));
  if (differing.length === 0) return "select 'the columns that the copy has are equal'";
  const set = values(live, differing).map((value, at) => `${quoteIdentifier(differing[at] ?? '')} = ${value}`);
  return `update ${only(table)} set ${set.join(', ')} where ${where()}`;
}

function whereKey(table: SurveyedTable, { columns, equals }: NonNullable<SurveyedTable['key']>, key: string[]): string {
  const types = typesOf(table, columns);
  return columns
    .map((name, at) => `${quoteIdentifier(name)} ${equals[at]} ${quoteLiteral(key[at] ?? null)}::${types[at]}`)
    .join(' and ');
}

/** A name may hold a line break, which would end the comment. */
function comment(text: string): string {
  return `-- ${text.replace(/[\r\n]+/g, ' ')}`;
}
