const WIDTH = 118;

/** Rows of a name and a text; what does not fit goes on below itself. */
export function named(rows: readonly (readonly [string, string])[], indent = '  '): string[] {
  const left = Math.max(0, ...rows.map(([name]) => name.length));
  return rows.flatMap(([name, text]) =>
    wrap(text, WIDTH - left - indent.length - 2).map((line, at) =>
      `${indent}${(at === 0 ? name : '').padEnd(left)}  ${line}`.trimEnd(),
    ),
  );
}

/** Lines of at most `width`, broken between words. */
export function wrap(text: string, width = WIDTH): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || last.length + word.length + 1 > width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}
