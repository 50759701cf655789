import { type Input, text } from './input.ts';
import { invalidValue } from './refusals.ts';

/** One page of `items`, and the marker of the next where there is one. Markers name the last item, so that none is skipped when others go. */
export function page<T>(options: { items: T[]; key: (item: T) => string; input: Input }): {
  items: T[];
  Marker: string | undefined;
} {
  const { key, input } = options;
  const size = Number(text(input, 'MaxRecords') ?? '100');
  if (!Number.isInteger(size) || size < 20 || size > 100) {
    throw invalidValue(`Invalid value ${text(input, 'MaxRecords')} for MaxRecords. Must be between 20 and 100`);
  }
  const after = readMarker(text(input, 'Marker'));
  const rest = options.items
    .toSorted((a, b) => (key(a) < key(b) ? -1 : 1))
    .filter((item) => after === null || key(item) > after);
  const items = rest.slice(0, size);
  const last = items.at(-1);
  const more = last !== undefined && rest.length > size;
  return { items, Marker: more ? Buffer.from(`after ${key(last)}`).toString('base64url') : undefined };
}

function readMarker(marker: string | null): string | null {
  if (marker === null || marker === '') return null;
  const read = Buffer.from(marker, 'base64url').toString();
  if (!read.startsWith('after ')) throw invalidValue(`The marker ${marker} is invalid.`);
  return read.slice('after '.length);
}
