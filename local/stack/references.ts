import { isObject, type Json, type JsonObject } from '../stepfunctions/json.ts';
import { refusal } from './errors.ts';

/** What CloudFormation's functions give for a resource of ours: `Ref`, and the attributes of `GetAtt`. */
export type Referable = { ref: string; attributes: Record<string, string> };

export type References = { resolve(value: Json, place: string): Json };

/**
 * Replaces `Ref`, `Fn::GetAtt` and `Fn::Sub` by what they stand for; any other function is refused.
 *
 * @param resources by logical id
 * @param pseudo    pseudo parameters, `AWS::Region`
 */
export function createReferences(resources: Map<string, Referable>, pseudo: Record<string, string>): References {
  function refer(id: string, place: string): string {
    const value = pseudo[id] ?? resources.get(id)?.ref;
    if (value === undefined) throw refusal(place, `Ref ${id}: there is nothing of this name that is deployed locally.`);
    return value;
  }

  function attribute(path: string, place: string): string {
    const [id = '', ...name] = path.split('.');
    const value = resources.get(id)?.attributes[name.join('.')];
    if (value === undefined)
      throw refusal(place, `GetAtt ${path}: nothing that is deployed locally has this attribute.`);
    return value;
  }

  function substitute(text: string, place: string): string {
    return text.replace(/\$\{([^}]*)\}/g, (_, name: string) => {
      if (name.startsWith('!')) return `\${${name.slice(1)}}`;
      return name.includes('.') ? attribute(name, place) : refer(name, place);
    });
  }

  function call(name: string, argument: Json, place: string): string {
    if (name === 'Ref' && typeof argument === 'string') return refer(argument, place);
    if (name === 'Fn::Sub' && typeof argument === 'string') return substitute(argument, place);
    if (name === 'Fn::GetAtt' && typeof argument === 'string') return attribute(argument, place);
    if (name === 'Fn::GetAtt' && Array.isArray(argument)) return attribute(argument.join('.'), place);
    throw refusal(place, `${name} ${JSON.stringify(argument)} is not known to the local deployment.`);
  }

  function resolve(value: Json, place: string): Json {
    if (Array.isArray(value)) return value.map((item, index) => resolve(item, `${place}.${index}`));
    if (!isObject(value)) return value;
    const only = onlyEntry(value);
    if (only && (only[0] === 'Ref' || only[0].startsWith('Fn::'))) return call(only[0], only[1], place);
    return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, resolve(child, `${place}.${key}`)]));
  }

  return { resolve };
}

function onlyEntry(value: JsonObject): [string, Json] | null {
  const [first, ...more] = Object.entries(value);
  return first && more.length === 0 ? first : null;
}
