import type { CheckResult, Outcome } from '../../lib/schema/checks/check.ts';
import { type TreeLine, treeOf } from '../../lib/schema/tree.ts';
import type { Warning } from '../../lib/schema/warnings/warning.ts';
import { PROGRAM } from '../program.ts';
import { where } from '../result/fault-lines.ts';
import { printable } from '../terminal.ts';
import type { ChangedBy } from './changed-by.ts';
import { broken, type Validation } from './validation.ts';

/** Numbers of ECMA-48: bold, red, green, yellow, dim. */
const COLOURS: Partial<Record<TreeLine['style'], number>> = {
  ...{ headline: 1, schema: 1, expected: 31, actual: 32 },
  ...{ missing: 33, unexpected: 33, different: 33, invalid: 33, look: 2, by: 2 },
};

/**
 * A validation as a person reads it: the tree of what differs, what was ignored, checks, warnings; at last the verdict and what to
 * type next.
 *
 * @param flags what a further command needs to find the same database
 */
export function validationLines(found: Validation, { flags, colours }: { flags: string; colours: boolean }): string[] {
  const whose = new Map(found.schema.differences.map((one) => [one.shownBy, one.changedBy]));
  const tree = treeOf(found.schema, ({ shownBy, actual }) => saying(whose.get(shownBy) ?? null, actual !== null));
  const lines = [...tree, ...checkLines(found.checks), ...warningLines(found.warnings)];
  return [
    ...lines.flatMap((line, at) => [...(at > 0 && isTop(line) ? [''] : []), print(line, colours)]),
    '',
    ...verdict(found, flags),
  ];
}

function isTop({ style }: TreeLine): boolean {
  return style === 'headline' || style === 'schema';
}

function print({ level, style, text }: TreeLine, colours: boolean): string {
  const colour = colours ? COLOURS[style] : undefined;
  const said = printable(text);
  return `${'  '.repeat(level)}${colour === undefined ? said : `\x1b[${colour}m${said}\x1b[0m`}`;
}

function saying(writer: ChangedBy | null, isThere: boolean): string | null {
  if (!isThere) return null;
  if (writer === null) return 'changed by nobody knows whom: none of its rows tells';
  if (writer.run === null) return 'changed last by somebody else: not by a run of ours';
  return writer.certain
    ? `changed last by run ${writer.run}`
    : `changed last by run ${writer.run}, or somebody beside it`;
}

function checkLines(checks: readonly CheckResult[]): TreeLine[] {
  if (checks.length === 0) return [];
  return [
    { level: 0, style: 'headline', text: 'Checks that are safe on a real database:' },
    ...checks.flatMap(({ file, title, passed, outcomes }): TreeLine[] => [
      { level: 1, style: passed ? 'object' : 'different', text: `${file}: ${passed ? 'holds' : 'BROKEN'}. ${title}` },
      ...outcomes.flatMap(outcomeLines),
    ]),
  ];
}

function outcomeLines({ says, problem, rows }: Outcome): TreeLine[] {
  if (problem !== null) {
    const at = problem.place === null ? '' : ` (${where(problem.place)})`;
    return [{ level: 2, style: 'actual', text: `${says}: ${problem.message}${at}` }];
  }
  if (rows === null) return [];
  return [
    { level: 2, style: 'aside', text: `${says}: ${rows.length} ${rows.length === 1 ? 'row' : 'rows'}, in --json` },
  ];
}

function warningLines(warnings: readonly Warning[]): TreeLine[] {
  if (warnings.length === 0) return [];
  return [
    { level: 0, style: 'headline', text: 'Warnings:' },
    ...warnings.flatMap(({ about, message, remedy }): TreeLine[] => [
      { level: 1, style: 'aside', text: `${about}: ${message}` },
      { level: 2, style: 'look', text: remedy },
    ]),
  ];
}

function verdict(found: Validation, flags: string): string[] {
  const { database, version, asLeftBy, pending, unfinished, equal, schema } = found;
  const should = asLeftBy === null ? 'as the migrations say' : `as run ${asLeftBy} left it`;
  const open = unfinished.length === 0 ? [] : [`Broken off, and to be gone on with: ${unfinished.join(', ')}`];
  const objects = count(schema.differences.length, 'object is', 'objects are');
  const promises = count(broken(found), 'promise is', 'promises are');
  const wrong = [
    ...(schema.equal ? [] : [`${objects} not ${should}`]),
    ...(broken(found) === 0 ? [] : [`${promises} broken`]),
  ];
  const next =
    pending.length === 0
      ? 'Nothing to do.'
      : `${count(pending.length, 'file is', 'files are')} pending: ${PROGRAM} migrate${flags}`;
  const last = equal
    ? `${database} is ${should} at version ${version}. ${next}`
    : `${database} at version ${version}: ${wrong.join(', ')}. Put it back or bring it into a migration, then: ${PROGRAM} validate${flags}`;
  return [...open, last].map(printable);
}

function count(number: number, one: string, more: string): string {
  return `${number} ${number === 1 ? one : more}`;
}
