import type { KubeObject } from '../objects/metadata.ts';
import type { ResourceName } from '../objects/resources.ts';
import { badRequest } from './status.ts';

type Test = (object: KubeObject) => boolean;

/** `a=b,c!=d,e in (f,g),h notin (i),j,!k` (https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/). */
export function labelSelector(text: string | null): Test {
  if (!text) return () => true;
  // A comma within parentheses separates values, not requirements.
  const tests = text.split(/,(?![^(]*\))/).map((part) => requirement(part.trim()));
  return ({ metadata }) => tests.every((test) => test(metadata.labels ?? {}));
}

const KEY = '([A-Za-z0-9][-A-Za-z0-9_./]*)';
const VALUE = '([A-Za-z0-9][-A-Za-z0-9_.]*)?';

function requirement(text: string): (labels: Record<string, string>) => boolean {
  const equality = new RegExp(`^${KEY}\\s*(==|=|!=)\\s*${VALUE}$`).exec(text);
  if (equality) {
    const [, key = '', operator, value = ''] = equality;
    return operator === '!=' ? (labels) => labels[key] !== value : (labels) => labels[key] === value;
  }
  const set = new RegExp(`^${KEY}\\s+(in|notin)\\s+\\(([^()]*)\\)$`).exec(text);
  if (set) {
    const [, key = '', operator, list = ''] = set;
    const values = list.split(',').map((value) => value.trim());
    const isIn = (labels: Record<string, string>) => {
      const value = labels[key];
      return value !== undefined && values.includes(value);
    };
    return operator === 'in' ? isIn : (labels) => !isIn(labels);
  }
  const existence = new RegExp(`^(!?)\\s*${KEY}$`).exec(text);
  if (existence) {
    const [, not, key = ''] = existence;
    return (labels) => Object.hasOwn(labels, key) === (not === '');
  }
  throw badRequest(`unable to parse requirement: found '${text}', expected: an identifier or an operator`);
}

const EVERYWHERE = ['metadata.name', 'metadata.namespace'];
const FIELDS: Partial<Record<ResourceName, string[]>> = {
  pods: ['spec.nodeName', 'spec.restartPolicy', 'spec.serviceAccountName', 'status.phase', 'status.podIP'],
  jobs: ['status.successful'],
  namespaces: ['status.phase'],
  events: [
    ...['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'].map(
      (field) => `involvedObject.${field}`,
    ),
    ...['reason', 'type', 'source', 'reportingComponent'],
  ],
};

/** `involvedObject.name=x,type!=Normal`: only the fields that the real server selects by, else 400. */
export function fieldSelector(resource: ResourceName, text: string | null): Test {
  if (!text) return () => true;
  const tests = text.split(',').map((part): Test => {
    const [, field = '', operator, value] = /^([^=!]+)(==|=|!=)(.*)$/.exec(part) ?? [];
    if (operator === undefined) throw badRequest(`invalid selector: '${part}'; can't understand '${part}'`);
    if (![...EVERYWHERE, ...(FIELDS[resource] ?? [])].includes(field)) {
      throw badRequest(`field label not supported: ${field}`);
    }
    return (object) => (read(object, field) === value) === (operator !== '!=');
  });
  return (object) => tests.every((test) => test(object));
}

/** The name that a selector asks for, for rights that are given by name. */
export function selectedName(text: string | null): string | null {
  return /^metadata\.name=([^,]+)$/.exec(text ?? '')?.[1] ?? null;
}

function read(object: KubeObject, field: string): string {
  if (field === 'source') return read(object, 'source.component');
  if (field === 'status.successful') return read(object, 'status.succeeded') || '0';
  const value = field.split('.').reduce<unknown>((at, key) => {
    return typeof at === 'object' && at !== null ? Reflect.get(at, key) : undefined;
  }, object);
  return value === undefined || value === null ? '' : String(value);
}
