import type { Comparison, Difference } from './difference.ts';

/**
 * A comparison as text for a person: the objects that differ, their parts below them, with what each should be (`-`), what it is (`+`), and
 * the statement that shows it.
 */
export function renderComparison(comparison: Comparison): string {
  const { differences, ignored, unusedRules } = comparison;
  const groups = Map.groupBy(differences, ({ kind, name, of }) => (of ? `${of.kind} ${of.name}` : `${kind} ${name}`));
  const sections = [
    headline(differences),
    ...[...groups].map(([owner, group]) => renderGroup(owner, group)),
    ...(ignored.length > 0 ? [renderIgnored(ignored)] : []),
    ...(unusedRules.length > 0 ? [renderUnused(unusedRules)] : []),
  ];
  return `${sections.join('\n\n')}\n`;
}

function headline(differences: readonly Difference[]): string {
  if (differences.length === 0) return 'The schema is as it should be.';
  const counts = [...Map.groupBy(differences, ({ what }) => what)].map(([what, list]) => `${list.length} ${what}`);
  return `The schema is not as it should be: ${counts.join(', ')}.`;
}

function renderGroup(owner: string, group: readonly Difference[]): string {
  const own = group.find(({ of }) => of === null);
  const parts = group.filter(({ of }) => of !== null);
  return [
    own ? `${owner}: ${saying(own)}` : owner,
    ...(own ? renderForms(own, '  ') : []),
    ...parts.flatMap((part) => [`  ${part.kind} ${ownName(part)}: ${saying(part)}`, ...renderForms(part, '    ')]),
  ].join('\n');
}

function saying({ what, kind, parts }: Difference): string {
  const holds = kind === 'constraint' ? 'not validated' : 'not built to its end';
  if (what === 'invalid') return `invalid (${holds})`;
  return parts > 0 ? `${what}, with ${parts} ${parts === 1 ? 'part' : 'parts'}` : what;
}

/** The lines that both forms have are left out, unless nothing else is left to tell what the object is. */
function renderForms({ expected, actual, shownBy }: Difference, indent: string): string[] {
  const only = (lines: readonly string[] | null, others: readonly string[] | null, sign: string) =>
    (lines ?? [])
      .filter((line) => !others?.includes(line))
      .flatMap((line) => line.split('\n').map((piece, index) => `${indent}${index === 0 ? sign : ' '} ${piece}`));
  return [...only(expected, actual, '-'), ...only(actual, expected, '+'), `${indent}look: ${shownBy};`];
}

function ownName({ name, of }: Difference): string {
  return of && name.startsWith(`${of.name}.`) ? name.slice(of.name.length + 1) : name;
}

function renderIgnored(ignored: Comparison['ignored']): string {
  const lines = ignored.map(({ difference: { what, kind, name }, reason }) => `  ${kind} ${name}: ${what} (${reason})`);
  return ['Ignored:', ...lines].join('\n');
}

function renderUnused(rules: Comparison['unusedRules']): string {
  const lines = rules.map(({ kind, name, reason }) => `  ${kind} ${name} (${reason})`);
  return ['Ignore rules that concern nothing, and can go:', ...lines].join('\n');
}
