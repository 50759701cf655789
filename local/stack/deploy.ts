import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  type RuleProperties,
  ruleProperties,
  type ScheduleProperties,
  scheduleProperties,
} from '../events/resources.ts';
import type { LambdaFunction } from '../lambda/function.ts';
import type { Membership } from '../network/network.ts';
import type { MachineSource } from '../stepfunctions/machine.ts';
import { bundle } from './bundle.ts';
import { type Configuration, readConfiguration } from './configuration.ts';
import { refusal } from './errors.ts';
import { listFunctions, type NamedFunction, readFunction } from './functions.ts';
import { describe, readMachine } from './machines.ts';
import { listResources, type Resource, referencesTo } from './resources.ts';
import { readNetwork } from './security-groups.ts';

/** What `serverless deploy` would make of the repository, as far as it runs here. */
export type Stack = {
  functions: LambdaFunction[];
  machines: MachineSource[];
  rules: RuleProperties[];
  schedules: ScheduleProperties[];
  buckets: { name: string; versioned: boolean }[];
  network: Membership;
};

type DeployOptions = {
  /** The folder of serverless.yml. */
  root: string;
  /** Where bundles go. */
  folder: string;
  /** The stage. */
  database: string;
  region: string;
  account: string;
  /** What `--param` would give, by name. */
  params?: Record<string, string>;
};

/**
 * Deploys serverless.yml locally: reads it with all that it includes, resolves names and references, and bundles the
 * functions into `<folder>/<function>/handler.cjs`. Nothing that it finds is passed over: what it does not know, it refuses.
 *
 * @throws {StackError} which names file and key
 */
export async function deployStack(options: DeployOptions): Promise<Stack> {
  const read = readStack(options);
  await read.bundle();
  return read.stack;
}

/** The stack as {@link deployStack} deploys it, which is not there before its functions are bundled. */
export function readStack(options: DeployOptions): { stack: Stack; bundle: () => Promise<void> } {
  const { region, account, database } = options;
  const configuration = readConfiguration(options.root, {
    stage: database,
    options: { stage: database, region },
    params: options.params ?? {},
    aws: { region, accountId: account },
  });
  const functions = listFunctions(configuration, { region, account });
  const resources = listResources(configuration);
  const references = referencesTo({
    resources,
    functions,
    service: configuration.service,
    stage: database,
    region,
    account,
  });
  const of = (type: string) => resources.filter((resource) => resource.type === type);
  const resolved = ({ properties, place }: Resource) => references.resolve(properties, place);
  const stack: Stack = {
    functions: functions.map((one) => readFunction(one, { configuration, references, folder: options.folder })),
    machines: of('AWS::StepFunctions::StateMachine').map((resource) => readMachine(resource, references)),
    rules: of('AWS::Events::Rule').map((resource) => parse(ruleProperties, resolved(resource), resource)),
    schedules: of('AWS::Scheduler::Schedule').map((resource) =>
      parse(scheduleProperties, resolved(resource), resource),
    ),
    buckets: of('AWS::S3::Bucket').map((resource) => ({
      name: String(references.resolve({ Ref: resource.id }, resource.place)),
      versioned: JSON.stringify(resource.properties.VersioningConfiguration) === '{"Status":"Enabled"}',
    })),
    network: readNetwork(resources, configuration, references),
  };
  return { stack, bundle: () => bundleFunctions(options, configuration, functions) };
}

async function bundleFunctions(
  { root, folder }: { root: string; folder: string },
  { esbuild }: Configuration,
  functions: NamedFunction[],
): Promise<void> {
  const entries = functions.map(({ key, name, source }) => {
    const file = `${source}.ts`;
    if (!existsSync(join(root, file)))
      throw refusal(`serverless.yml: functions.${key}.handler`, `there is no ${file}.`);
    return [`${name}/handler`, file];
  });
  await bundle({ root, folder, esbuild, entries: Object.fromEntries(entries) });
}

function parse<T>(
  schema: { safeParse(value: unknown): { success: true; data: T } | { success: false; error: { issues: Issue[] } } },
  value: unknown,
  { place }: Resource,
): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw refusal(place, describe(result.error.issues[0]));
}

type Issue = NonNullable<Parameters<typeof describe>[0]>;
