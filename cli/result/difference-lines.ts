import { changedLines } from '../../lib/schema/changed-lines.ts';
import type { JudgedDifference } from '../../lib/schema/judge.ts';

const SHOWN = 20;

const HEADINGS: readonly [JudgedDifference['whose'], string][] = [
  ['ours', 'Not as it should be, by this run:'],
  ['unknown', 'Not as it should be; done while a statement of this run was under way whose end nobody noted:'],
  ['others', 'Not as it should be; somebody else did it while the run went on:'],
  ['before', 'Not as it should be; it was so before the run:'],
];

/** Objects that are not as they should be, by whose doing: what each should be (`-`), what it is (`+`), and the SQL that shows it. */
export function differenceLines(differences: readonly JudgedDifference[]): string[] {
  let left = SHOWN;
  const lines = HEADINGS.flatMap(([whose, heading]) => {
    const all = differences.filter((difference) => difference.whose === whose);
    if (all.length === 0) return [];
    const shown = all.slice(0, left);
    left -= shown.length;
    const more = all.length - shown.length;
    return ['', heading, ...shown.flatMap(objectLines), ...(more > 0 ? [`  and ${more} more, in --json`] : [])];
  });
  return lines;
}

function objectLines({ what, kind, name, expected, actual, shownBy }: JudgedDifference): string[] {
  const changed = changedLines(expected, actual);
  const only = (lines: readonly string[], sign: string) =>
    lines.flatMap((line) => line.split('\n').map((piece, at) => `    ${at === 0 ? sign : ' '} ${piece}`));
  return [
    `  ${kind} ${name}: ${what}`,
    ...only(changed.expected, '-'),
    ...only(changed.actual, '+'),
    `    look: ${shownBy};`,
  ];
}
