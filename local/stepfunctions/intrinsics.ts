import { createHash, randomUUID } from 'node:crypto';
import { StateFailure } from './failure.ts';
import { isObject, type Json } from './json.ts';

/**
 * The intrinsic functions that the local cloud has; another one is refused at deploy, and is added here.
 * https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html
 */
export const INTRINSICS: Record<string, (args: Json[]) => Json> = {
  'States.Format': ([template, ...values]) => {
    const given = values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value)));
    const places = text(template).split('{}');
    if (places.length !== given.length + 1) throw fails('States.Format needs one value for each {}.');
    return places.map((part, index) => (index === 0 ? part : `${given[index - 1]}${part}`)).join('');
  },
  'States.StringToJson': ([source]) => {
    const json = text(source);
    try {
      return json.trim() === '' ? null : JSON.parse(json);
    } catch {
      throw fails(`States.StringToJson got a text that is not JSON: ${json}`);
    }
  },
  'States.JsonToString': ([value]) => JSON.stringify(value ?? null),
  'States.Array': (args) => args,
  'States.ArrayLength': ([array]) => list(array).length,
  'States.ArrayGetItem': ([array, index]) => {
    const item = list(array)[number(index)];
    if (item === undefined) throw fails(`States.ArrayGetItem found no item ${JSON.stringify(index)}.`);
    return item;
  },
  'States.ArrayContains': ([array, wanted]) =>
    list(array).some((item) => JSON.stringify(item) === JSON.stringify(wanted)),
  'States.JsonMerge': ([one, two, deep]) => {
    if (!isObject(one) || !isObject(two) || deep !== false) {
      throw fails('States.JsonMerge needs two objects and false, as deep merging is not supported.');
    }
    return { ...one, ...two };
  },
  'States.MathAdd': ([one, two]) => Math.round(number(one)) + Math.round(number(two)),
  'States.StringSplit': ([source, splitters]) => {
    const parts: string[] = [''];
    for (const character of text(source)) {
      if (text(splitters).includes(character)) parts.push('');
      else parts.push(`${parts.pop()}${character}`);
    }
    return parts.filter((part) => part !== '');
  },
  'States.Hash': ([value, algorithm]) =>
    createHash(text(algorithm).replace('-', '').toLowerCase())
      .update(typeof value === 'string' ? value : JSON.stringify(value))
      .digest('hex'),
  'States.UUID': () => randomUUID(),
};

function fails(reason: string): StateFailure {
  return new StateFailure('States.IntrinsicFailure', reason);
}

function text(value: Json | undefined): string {
  if (typeof value !== 'string')
    throw fails(`An intrinsic function needs a string here, not ${JSON.stringify(value)}.`);
  return value;
}

function number(value: Json | undefined): number {
  if (typeof value !== 'number')
    throw fails(`An intrinsic function needs a number here, not ${JSON.stringify(value)}.`);
  return value;
}

function list(value: Json | undefined): Json[] {
  if (!Array.isArray(value)) throw fails(`An intrinsic function needs an array here, not ${JSON.stringify(value)}.`);
  return value;
}
