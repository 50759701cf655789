import { join } from 'node:path';
import type { LambdaFunction } from '../lambda/function.ts';
import type { Json } from '../stepfunctions/json.ts';
import type { Configuration } from './configuration.ts';
import { refusal } from './errors.ts';
import type { References } from './references.ts';

/** A function before its environment is known, which may refer to what is named after it. */
export type NamedFunction = {
  key: string;
  name: string;
  arn: string;
  /** The source's path without its extension, `functions/acquire-lease`. */
  source: string;
  handler: string;
};

export function listFunctions(
  { functions }: Configuration,
  { region, account }: { region: string; account: string },
): NamedFunction[] {
  return Object.entries(functions).map(([key, { name, handler }]) => {
    const dot = handler.lastIndexOf('.');
    return {
      key,
      name,
      arn: `arn:aws:lambda:${region}:${account}:function:${name}`,
      source: handler.slice(0, dot),
      handler: handler.slice(dot + 1),
    };
  });
}

/** @param folder where the bundles are */
export function readFunction(
  { key, name, arn, handler }: NamedFunction,
  options: { configuration: Configuration; references: References; folder: string },
): LambdaFunction {
  const { provider, functions } = options.configuration;
  const own = functions[key];
  const environment = Object.entries({ ...provider.environment, ...own?.environment }).map(([variable, value]) => {
    const place = `serverless.yml: functions.${key}.environment.${variable}`;
    return [variable, asText(options.references.resolve(value, place), place)];
  });
  return {
    name,
    arn,
    handler,
    bundle: join(options.folder, name, 'handler.cjs'),
    environment: Object.fromEntries(environment),
    timeoutSeconds: own?.timeout ?? 6,
    memoryMiB: own?.memorySize ?? 1024,
  };
}

function asText(value: Json, place: string): string {
  if (typeof value === 'string' || typeof value === 'number') return String(value);
  throw refusal(place, `is ${JSON.stringify(value)} and no text.`);
}
