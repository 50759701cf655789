import * as z from 'zod/mini';
import { badRequest } from '../api/status.ts';
import { type ObjectOf, RESOURCES, type ResourceName, SCHEMAS } from './resources.ts';

export type FieldValidation = 'Strict' | 'Warn' | 'Ignore';

export type Decoded<T> = { object: T; warnings: string[] };

/**
 * Reads what a client sent as an object of `resource`: fields that the kind does not have are refused, warned of or dropped
 * as `fieldValidation` says; a value of a wrong type is always refused. `null` means absent, as everywhere in Kubernetes.
 */
export function decode<R extends ResourceName>(
  resource: R,
  sent: unknown,
  fieldValidation: FieldValidation,
): Decoded<ObjectOf<R>> {
  const { kind, version, apiVersion } = RESOURCES[resource];
  const refuse = (why: string) => badRequest(`${kind} in version "${version}" cannot be handled as a ${kind}: ${why}`);
  const raw = withoutNulls(sent);
  if (!isRecord(raw)) throw refuse('json: cannot unmarshal into Go value of type v1.Object');
  if (raw.kind !== undefined && raw.kind !== kind) {
    throw badRequest(
      `${raw.kind} in version "${raw.apiVersion}" cannot be handled as a ${kind}: the kind in the data (${raw.kind}) does not match the expected kind (${kind})`,
    );
  }
  if (raw.apiVersion !== undefined && raw.apiVersion !== apiVersion) {
    throw badRequest(
      `the API version in the data (${raw.apiVersion}) does not match the expected API version (${apiVersion})`,
    );
  }
  const schema: z.ZodMiniType<ObjectOf<R>> = SCHEMAS[resource];
  const parsed = z.safeParse(schema, { ...raw, apiVersion, kind, metadata: raw.metadata ?? {} });
  if (!parsed.success) throw refuse(wrongType(kind, parsed.error));
  const unknown = unknownFields(raw, parsed.data, '').map((field) => `unknown field "${field}"`);
  if (fieldValidation === 'Strict' && unknown.length > 0) {
    throw refuse(`strict decoding error: ${unknown.join(', ')}`);
  }
  return { object: parsed.data, warnings: fieldValidation === 'Warn' ? unknown : [] };
}

/** What a schema dropped from `raw`, by path. Arrays keep their length and order, so that items stand beside each other. */
function unknownFields(raw: unknown, kept: unknown, path: string): string[] {
  if (Array.isArray(raw) && Array.isArray(kept)) {
    return raw.flatMap((item, i) => unknownFields(item, kept[i], `${path}[${i}]`));
  }
  if (!isRecord(raw) || !isRecord(kept)) return [];
  return Object.keys(raw).flatMap((key) => {
    const at = path === '' ? key : `${path}.${key}`;
    return Object.hasOwn(kept, key) ? unknownFields(raw[key], kept[key], at) : [at];
  });
}

function wrongType(kind: string, error: z.core.$ZodError): string {
  const issue = error.issues[0];
  const path = issue?.path.filter((part) => typeof part !== 'number').join('.') ?? '';
  const expected = issue !== undefined && 'expected' in issue ? ` of type ${issue.expected}` : `: ${issue?.message}`;
  return `json: cannot unmarshal value into Go struct field ${kind}.${path}${expected}`;
}

export function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, each]) => (each === null ? [] : [[key, withoutNulls(each)]])),
  );
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
