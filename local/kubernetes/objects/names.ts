import type { Cause } from '../api/status.ts';

/** Field errors as apimachinery's util/validation/field words them. */
export function requiredField(field: string, detail = ''): Cause {
  return {
    reason: 'FieldValueRequired',
    message: detail === '' ? 'Required value' : `Required value: ${detail}`,
    field,
  };
}

export function invalidField(field: string, value: unknown, detail: string): Cause {
  const shown = typeof value === 'string' ? `"${value}"` : JSON.stringify(value);
  return { reason: 'FieldValueInvalid', message: `Invalid value: ${shown}: ${detail}`, field };
}

export function unsupportedValue(field: string, value: string, allowed: string[]): Cause {
  const list = allowed.map((each) => `"${each}"`).join(', ');
  return {
    reason: 'FieldValueNotSupported',
    message: `Unsupported value: "${value}": supported values: ${list}`,
    field,
  };
}

export function notFoundField(field: string, value: string): Cause {
  return { reason: 'FieldValueNotFound', message: `Not found: "${value}"`, field };
}

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const SUBDOMAIN = `${LABEL}(\\.${LABEL})*`;

const NOT_A_LABEL = `a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '${LABEL}')`;
const NOT_A_SUBDOMAIN = `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '${SUBDOMAIN}')`;

/** DNS-1123 label: names of namespaces and containers. */
export function checkLabelName(field: string, name: string): Cause[] {
  if (name === '') return [requiredField(field)];
  if (name.length > 63) return [invalidField(field, name, 'must be no more than 63 characters')];
  return new RegExp(`^${LABEL}$`).test(name) ? [] : [invalidField(field, name, NOT_A_LABEL)];
}

/** DNS-1123 subdomain: names of most objects. */
export function checkSubdomainName(field: string, name: string): Cause[] {
  if (name === '') return [requiredField(field, 'name or generateName is required')];
  if (name.length > 253) return [invalidField(field, name, 'must be no more than 253 characters')];
  return new RegExp(`^${SUBDOMAIN}$`).test(name) ? [] : [invalidField(field, name, NOT_A_SUBDOMAIN)];
}

/** RBAC names may be anything that can be a path segment. */
export function checkPathName(field: string, name: string): Cause[] {
  if (name === '') return [requiredField(field, 'name or generateName is required')];
  if (name === '.' || name === '..') return [invalidField(field, name, `may not be '${name}'`)];
  const bad = ['/', '%'].find((character) => name.includes(character));
  return bad === undefined ? [] : [invalidField(field, name, `may not contain '${bad}'`)];
}

const NOT_A_VALUE = `a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')`;
const NOT_A_KEY = `name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')`;
const NAME_PART = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;

export function checkLabels(field: string, labels: Record<string, string> | undefined): Cause[] {
  return Object.entries(labels ?? {}).flatMap(([key, value]) => {
    if (value.length > 63) return [invalidField(field, value, 'must be no more than 63 characters')];
    if (value !== '' && !NAME_PART.test(value)) return [invalidField(field, value, NOT_A_VALUE)];
    return checkKey(field, key);
  });
}

/** Keys of labels and annotations: an optional DNS prefix and a name. */
export function checkKey(field: string, key: string): Cause[] {
  const [prefix, name, ...more] = key.includes('/') ? key.split('/') : [undefined, key];
  if (more.length > 0 || name === undefined || name.length > 63 || !NAME_PART.test(name)) {
    return [invalidField(field, key, NOT_A_KEY)];
  }
  return prefix === undefined || new RegExp(`^${SUBDOMAIN}$`).test(prefix)
    ? []
    : [invalidField(field, key, `prefix part ${NOT_A_SUBDOMAIN}`)];
}
