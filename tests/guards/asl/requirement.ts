import * as z from 'zod/mini';
import type { Shape } from './shape.ts';

type Schema = {
  type?: string | string[] | undefined;
  required?: string[] | undefined;
  properties?: Record<string, unknown> | undefined;
  anyOf?: unknown[] | undefined;
  oneOf?: unknown[] | undefined;
};

/** The part of JSON Schema (as zod writes it) that says which keys have to be there. */
const schema: z.ZodMiniType<Schema> = z.looseObject({
  type: z.optional(z.union([z.string(), z.array(z.string())])),
  required: z.optional(z.array(z.string())),
  properties: z.optional(z.record(z.string(), z.unknown())),
  anyOf: z.optional(z.array(z.unknown())),
  oneOf: z.optional(z.array(z.unknown())),
});

/** What `wanted` requires and `given` does not have for sure, by path; of several alternatives, what the nearest one lacks. */
export function lacks(wanted: unknown, given: Shape, path = ''): string[] {
  const { type, required = [], properties = {}, anyOf, oneOf } = schema.parse(wanted);
  const alternatives = anyOf ?? oneOf;
  if (alternatives !== undefined) {
    const each = alternatives.map((one) => lacks(one, given, path));
    return each.reduce((best, other) => (other.length < best.length ? other : best));
  }
  if (given === 'value') return [];
  const types = type === undefined ? ['null', 'object'] : [type].flat();
  if (given === 'null') return types.includes('null') ? [] : [`${path} (is null)`];
  if (!types.includes('object')) return [`${path} (is an object)`];
  return [
    ...required.filter((key) => !(key in given)).map((key) => `${path}.${key}`),
    ...Object.entries(given).flatMap(([key, inner]) =>
      properties[key] === undefined ? [] : lacks(properties[key], inner, `${path}.${key}`),
    ),
  ];
}
