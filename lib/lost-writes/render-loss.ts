import type { TableVerdict } from './classify.ts';
import { asObject } from './conflict-sql.ts';
import type { Finding } from './finding.ts';
import type { Survey, SurveyedTable } from './table.ts';
import type { TextRow } from './text.ts';

export type Loss = {
  tables: Pick<TableVerdict, 'table' | 'inserted' | 'updated' | 'deleted'>[];
  /** One row a line, as JSON: table, kind, key, and the contents on both sides. */
  lines: Iterable<string>;
};

/** What would be lost with these rows: how many rows of each table, and the rows themselves, as they are kept. */
export function renderLoss(survey: Survey, findings: readonly Finding[]): Loss {
  const tables = new Map(survey.tables.map((table) => [table.label, table]));
  const groups = Map.groupBy(findings, ({ table }) => table);
  const counted = [...groups].map(([table, found]) => {
    const count = (kind: Finding['kind']) => found.filter((one) => one.kind === kind).length;
    return { table, inserted: count('insert'), updated: count('update'), deleted: count('delete') };
  });
  return { tables: counted, lines: lines(tables, findings) };
}

function* lines(tables: ReadonlyMap<string, SurveyedTable>, findings: readonly Finding[]): Generator<string> {
  for (const finding of findings) {
    const table = tables.get(finding.table);
    if (!table) throw new Error(`${finding.table} is not in the survey.`);
    const { kind, key, author } = finding;
    const row = (values: TextRow | null) => values && asObject(table, values);
    const named = Object.fromEntries((table.key?.columns ?? []).map((name, at) => [name, key[at] ?? null]));
    yield JSON.stringify({
      table: table.label,
      kind,
      author,
      key: named,
      live: row(finding.live),
      copy: row(finding.copy),
    });
  }
}
