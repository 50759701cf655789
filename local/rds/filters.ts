import * as z from 'zod/mini';
import type { Input } from './input.ts';
import { invalidValue } from './refusals.ts';

const filters = z.array(z.object({ Name: z.string(), Values: z.array(z.string()) }));

/**
 * Whether an item passes every filter of the call.
 *
 * @param fields what each filter looks at
 */
export function filterOf<T>(input: Input, fields: Record<string, (item: T) => string>): (item: T) => boolean {
  const value = input.Filters;
  if (value === undefined || value === '') return () => true;
  const parsed = filters.safeParse(value);
  if (!parsed.success) throw invalidValue('Filters is not a list of Name and Values.');
  const checks = parsed.data.map(({ Name, Values }) => {
    const field = fields[Name];
    if (!field) throw invalidValue(`Unrecognized filter name: ${Name}`);
    return { field, values: Values.map((each) => each.replace(/^arn:aws:rds:.*:(db|snapshot):/, '')) };
  });
  return (item) => checks.every(({ field, values }) => values.includes(field(item)));
}
