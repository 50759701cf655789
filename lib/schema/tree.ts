import { changedLines } from './changed-lines.ts';
import type { Comparison, Difference } from './difference.ts';

/** A line of a report for people; two blanks in for each level. */
export type TreeLine = {
  level: number;
  style: 'headline' | 'schema' | Difference['what'] | 'object' | 'expected' | 'actual' | 'look' | 'by' | 'aside';
  text: string;
};

/**
 * A comparison as a tree: schema, object, part. Below what differs stands what it should be (`-`), what it is (`+`), whose doing it is where
 * somebody can say, and the statement that shows it. What was ignored comes last, with the reasons.
 *
 * @param by whose doing a difference is; null when nobody can say
 */
export function treeOf(comparison: Comparison, by: (difference: Difference) => string | null = () => null): TreeLine[] {
  const { differences, ignored, unusedRules } = comparison;
  return [
    { level: 0, style: 'headline', text: headline(differences) },
    ...differencesTree(differences, by),
    ...asides(
      'Ignored:',
      ignored,
      ({ difference: { what, kind, name }, reason }) => `${kind} ${name}: ${what} (${reason})`,
    ),
    ...asides(
      'Ignore rules that concern nothing, and can go:',
      unusedRules,
      ({ kind, name, reason }) => `${kind} ${name} (${reason})`,
    ),
  ];
}

/** The part of {@link treeOf} that tells of the differences. */
export function differencesTree(
  differences: readonly Difference[],
  by: (difference: Difference) => string | null = () => null,
): TreeLine[] {
  const schemas = Map.groupBy(differences, ({ kind, name, of }) => schemaOf(of ?? { kind, name }));
  return [...schemas].sort(inOrder).flatMap(([schema, found]) => schemaLines(schema, found, by));
}

function headline(differences: readonly Difference[]): string {
  if (differences.length === 0) return 'The schema is as it should be.';
  const counts = [...Map.groupBy(differences, ({ what }) => what)].map(([what, list]) => `${list.length} ${what}`);
  return `The schema is not as it should be: ${counts.join(', ')}.`;
}

function asides<T>(heading: string, all: readonly T[], line: (one: T) => string): TreeLine[] {
  if (all.length === 0) return [];
  return [
    { level: 0, style: 'headline', text: heading },
    ...all.map((one): TreeLine => ({ level: 1, style: 'aside', text: line(one) })),
  ];
}

function schemaLines(
  schema: string | null,
  differences: readonly Difference[],
  by: (difference: Difference) => string | null,
): TreeLine[] {
  const objects = Map.groupBy(differences, ({ kind, name, of }) => (of ? `${of.kind} ${of.name}` : `${kind} ${name}`));
  return [
    { level: 0, style: 'schema', text: schema === null ? 'database' : `schema ${schema}` },
    ...[...objects.values()].flatMap((group) => objectLines(schema, group, by)),
  ];
}

function objectLines(
  schema: string | null,
  group: readonly Difference[],
  by: (difference: Difference) => string | null,
): TreeLine[] {
  const own = group.find(({ of }) => of === null);
  const parts = group.filter(({ of }) => of !== null);
  const { kind, name } = own ?? parts[0]?.of ?? { kind: '', name: '' };
  const short = `${kind} ${within(schema, name)}`;
  return [
    own ? { level: 1, style: own.what, text: `${short}: ${saying(own)}` } : { level: 1, style: 'object', text: short },
    ...(own ? forms(own, 2, by) : []),
    ...parts.flatMap((part): TreeLine[] => [
      { level: 2, style: part.what, text: `${part.kind} ${within(part.of?.name ?? null, part.name)}: ${saying(part)}` },
      ...forms(part, 3, by),
    ]),
  ];
}

function saying({ what, kind, parts }: Difference): string {
  const holds = kind === 'constraint' ? 'not validated' : 'not built to its end';
  if (what === 'invalid') return `invalid (${holds})`;
  return parts > 0 ? `${what}, with ${parts} ${parts === 1 ? 'part' : 'parts'}` : what;
}

/** The lines that both forms have are left out. */
function forms(found: Difference, level: number, by: (difference: Difference) => string | null): TreeLine[] {
  const { expected, actual, shownBy } = found;
  const changed = changedLines(expected, actual);
  const only = (style: 'expected' | 'actual') =>
    changed[style]
      .flatMap((line) => line.split('\n'))
      .map(
        (text, at): TreeLine => ({
          level,
          style,
          text: `${at === 0 ? (style === 'expected' ? '-' : '+') : ' '} ${text}`,
        }),
      );
  const whose = by(found);
  return [
    ...only('expected'),
    ...only('actual'),
    ...(whose === null ? [] : [{ level, style: 'by' as const, text: whose }]),
    { level, style: 'look', text: `look: ${shownBy};` },
  ];
}

const WITHOUT_SCHEMA: ReadonlySet<string> = new Set([
  ...['schema', 'extension', 'access method', 'language', 'cast', 'transform', 'foreign-data wrapper', 'server'],
  ...['user mapping', 'event trigger', 'publication', 'subscription', 'default privileges'],
]);

/** Null for what lies in no schema. */
function schemaOf({ kind, name }: { kind: string; name: string }): string | null {
  if (WITHOUT_SCHEMA.has(kind)) return null;
  return /^((?:"(?:[^"]|"")*")|[^".]+)\./.exec(name)?.[1] ?? null;
}

function within(owner: string | null, name: string): string {
  return owner !== null && name.startsWith(`${owner}.`) ? name.slice(owner.length + 1) : name;
}

/** What lies in no schema first, as in a document. */
function inOrder([one]: [string | null, unknown], [other]: [string | null, unknown]): number {
  if (one === null || other === null) return one === other ? 0 : one === null ? -1 : 1;
  return one < other ? -1 : 1;
}
