/** A line that one form of an object has and the other has not, or not at that place; null for a form that is not there. */
type Lines = readonly string[] | null;

/**
 * The lines to show of the two forms of an object: those that both have in the same order are left out. Of the values of an enumeration
 * the order is the point, so that each says after which it comes.
 */
export function changedLines(expected: Lines, actual: Lines): { expected: string[]; actual: string[] } {
  if (expected === null || actual === null) return { expected: [...(expected ?? [])], actual: [...(actual ?? [])] };
  const common = commonLines(expected, actual);
  const rest = (lines: readonly string[], kept: ReadonlySet<number>) =>
    lines.flatMap((line, at) => (kept.has(at) ? [] : [placed(line, lines[at - 1])]));
  return {
    expected: rest(expected, new Set(common.map(([at]) => at))),
    actual: rest(actual, new Set(common.map(([, at]) => at))),
  };
}

const VALUE = /^value '/;

function placed(line: string, before: string | undefined): string {
  if (!VALUE.test(line)) return line;
  return before !== undefined && VALUE.test(before)
    ? `${line}, after ${before.slice('value '.length)}`
    : `${line}, first`;
}

/** Above it, lines are matched wherever they stand: a longest common sequence would take too long to find. */
const MOST_CELLS = 1_000_000;

/** A longest sequence of lines that both have, as pairs of places. */
function commonLines(one: readonly string[], other: readonly string[]): [number, number][] {
  if (one.length * other.length > MOST_CELLS) {
    return one.flatMap((line, at): [number, number][] => (other.includes(line) ? [[at, other.indexOf(line)]] : []));
  }
  // lengths[i][j]: how long it is from line i of the one and line j of the other on
  const lengths = Array.from({ length: one.length + 1 }, () => new Array<number>(other.length + 1).fill(0));
  const at = (i: number, j: number) => lengths[i]?.[j] ?? 0;
  for (let i = one.length - 1; i >= 0; i -= 1) {
    const row = lengths[i] ?? [];
    for (let j = other.length - 1; j >= 0; j -= 1) {
      row[j] = one[i] === other[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const pairs: [number, number][] = [];
  for (let i = 0, j = 0; i < one.length && j < other.length; ) {
    if (one[i] === other[j]) pairs.push([i++, j++]);
    else if (at(i + 1, j) >= at(i, j + 1)) i += 1;
    else j += 1;
  }
  return pairs;
}
