import * as z from 'zod/mini';
import type { Json } from '../stepfunctions/json.ts';
import { readDocument } from './document.ts';
import { refusal } from './errors.ts';
import { createVariables, type Given } from './variables.ts';

const json: z.ZodMiniType<Json> = z.json();
const environment = z.record(z.string(), json);

const configuration = z.object({
  service: z.string(),
  provider: z.object({
    runtime: z.string(),
    environment: z._default(environment, {}),
    securityGroupIds: z._default(z.array(json), []),
  }),
  esbuild: z.record(z.string(), json),
  functions: z.record(
    z.string(),
    z.object({
      name: z.string(),
      handler: z.string(),
      timeout: z._default(z.number(), 6),
      memorySize: z._default(z.number(), 1024),
      environment: z._default(environment, {}),
    }),
  ),
  resources: z.array(z.object({ Resources: z.record(z.string(), z.object({ Type: z.string(), Properties: json })) })),
});

/** What the local deployment reads of serverless.yml: variables filled in, references of CloudFormation not yet. */
export type Configuration = z.infer<typeof configuration> & {
  /** The files of `resources`, for errors to name. */
  files: string[];
};

/**
 * Reads serverless.yml of `root` and the files that it includes.
 *
 * @throws {StackError} which names file and key
 */
export function readConfiguration(root: string, given: Given & { stage: string }): Configuration {
  const file = 'serverless.yml';
  const config = readDocument(root, file);
  const variables = createVariables({ root, config, stage: given.stage, given });
  const raw = sections.parse(config);
  const part = (value: Json, name: string) => variables.resolve(value, `${file}: ${name}`);
  const result = configuration.safeParse({
    service: part(raw.service, 'service'),
    provider: {
      runtime: part(raw.provider.runtime, 'provider.runtime'),
      environment: part(raw.provider.environment, 'provider.environment'),
      securityGroupIds: part(raw.provider.vpc.securityGroupIds, 'provider.vpc.securityGroupIds'),
    },
    esbuild: part(raw.custom.esbuild, 'custom.esbuild'),
    functions: part(raw.functions, 'functions'),
    resources: part(raw.resources, 'resources'),
  });
  if (!result.success) {
    const [issue] = result.error.issues;
    throw refusal(file, `${issue?.path.map(String).join('.')}: ${issue?.message}`);
  }
  const files = raw.resources.map((one, index) => /^\$\{file\((.*)\)\}$/.exec(String(one))?.[1] ?? `${file}.${index}`);
  return { ...result.data, files };
}

const sections = z.object({
  service: json,
  provider: z.object({
    runtime: json,
    environment: z._default(json, {}),
    vpc: z._default(z.object({ securityGroupIds: z._default(json, []) }), { securityGroupIds: [] }),
  }),
  custom: z.object({ esbuild: json }),
  functions: json,
  resources: z.array(json),
});
