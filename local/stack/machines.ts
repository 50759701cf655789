import * as z from 'zod/mini';
import { isObject, type Json } from '../stepfunctions/json.ts';
import type { MachineSource } from '../stepfunctions/machine.ts';
import { refusal } from './errors.ts';
import type { References } from './references.ts';
import type { Resource } from './resources.ts';

const json: z.ZodMiniType<Json> = z.json();

const properties = z.strictObject({
  StateMachineName: z.string(),
  StateMachineType: z._default(z.literal('STANDARD'), 'STANDARD'),
  RoleArn: z.string(),
  Definition: json,
  DefinitionSubstitutions: z._default(z.record(z.string(), z.string()), {}),
});

/** Says nothing of how the machine runs. */
const IGNORED = new Set(['LoggingConfiguration', 'TracingConfiguration', 'Tags']);

/** A machine with the placeholders of its definition filled in, each of which must be used, and none left. */
export function readMachine({ id, properties: raw, place }: Resource, references: References): MachineSource {
  const wanted = Object.entries(raw).filter(([name]) => !IGNORED.has(name));
  // The definition is no template of CloudFormation's: its placeholders are those of DefinitionSubstitutions.
  const resolved = wanted.map(([name, value]) => [
    name,
    name === 'Definition' ? value : references.resolve(value, `${place}.${name}`),
  ]);
  const result = properties.safeParse(Object.fromEntries(resolved));
  if (!result.success) throw refusal(place, describe(result.error.issues[0]));
  const { StateMachineName: name, RoleArn: roleArn, Definition, DefinitionSubstitutions } = result.data;
  const used = new Set<string>();
  const definition = fillIn(Definition, (placeholder) => {
    used.add(placeholder);
    const value = DefinitionSubstitutions[placeholder];
    if (value === undefined) throw refusal(place, `DefinitionSubstitutions has nothing for \${${placeholder}}.`);
    return value;
  });
  const unused = Object.keys(DefinitionSubstitutions).find((placeholder) => !used.has(placeholder));
  if (unused !== undefined) throw refusal(place, `the definition has no \${${unused}}.`);
  return { name, arn: String(references.resolve({ Ref: id }, place)), roleArn, definition };
}

function fillIn(value: Json, valueFor: (placeholder: string) => string): Json {
  if (typeof value === 'string') return value.replace(/\$\{([^}]*)\}/g, (_, name: string) => valueFor(name));
  if (Array.isArray(value)) return value.map((item) => fillIn(item, valueFor));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, fillIn(child, valueFor)]));
}

/** The first thing that is wrong with properties. */
export function describe(
  issue: { code?: string; path: PropertyKey[]; message: string; keys?: string[] } | undefined,
): string {
  const at = issue?.path.map(String).join('.') ?? '';
  if (issue?.code === 'unrecognized_keys') {
    return `Properties${at && `.${at}`} has ${issue.keys?.join(', ')}, which the local deployment does not know.`;
  }
  return `Properties.${at}: ${issue?.message}`;
}
