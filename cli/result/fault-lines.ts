import type { Fault } from '../../lib/errors.ts';

/** A failure as a person reads it: name and message, the place with its source line and caret, the remedy. */
export function faultLines({ name, message, remedy, place }: Fault): string[] {
  return [
    `${name}: ${message}`,
    ...(place === null ? [] : [`  at ${where(place)}`, ...indented(place.caret ?? '', '    ')]),
    ...(remedy === null ? [] : [`Remedy: ${remedy}`]),
  ];
}

/** `FILE:LINE:COLUMN` as editors take it. */
export function where({ file, line, column }: { file: string; line: number | null; column: number | null }): string {
  return [file, line, column].filter((part) => part !== null).join(':');
}

function indented(text: string, by: string): string[] {
  return text === '' ? [] : text.split('\n').map((line) => by + line);
}
