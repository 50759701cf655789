import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { parse } from 'yaml';
import * as z from 'zod/mini';

const ROOT = join(import.meta.dirname, '../..');

/** One of the stack's files; what only CloudFormation understands stays as it is written. */
export async function stackFile(file: string): Promise<unknown> {
  return parse(await readFile(join(ROOT, file), 'utf8'), { logLevel: 'silent' });
}

const functions = z.record(z.string(), z.object({ handler: z.string(), timeout: z.int() }));

/** The functions by the name under which the definitions ask for them. */
export async function deployedFunctions(): Promise<Map<string, { handler: string; timeout: number }>> {
  return new Map(Object.entries(functions.parse(await stackFile('resources/functions.yml'))));
}

const resources = z.object({ Resources: z.record(z.string(), z.looseObject({ Type: z.string() })) });
const stateMachine = z.object({
  Properties: z.object({ Definition: z.string(), DefinitionSubstitutions: z.record(z.string(), z.unknown()) }),
});

/** Placeholders that the stack fills, by machine; and the name of each machine's resource. */
export async function deployedMachines(): Promise<Map<string, { resource: string; filled: Set<string> }>> {
  const { Resources } = resources.parse(await stackFile('resources/statemachines.yml'));
  const found = Object.entries(Resources).filter(([, at]) => at.Type === 'AWS::StepFunctions::StateMachine');
  return new Map(
    found.map(([resource, at]) => {
      const { Definition, DefinitionSubstitutions } = stateMachine.parse(at).Properties;
      const name = basename(Definition.replace(/^\$\{file\(|\)}$/g, ''), '.asl.json');
      return [name, { resource, filled: new Set(Object.keys(DefinitionSubstitutions)) }];
    }),
  );
}

const rule = z.object({
  Properties: z.object({
    EventPattern: z.object({
      detail: z.object({ status: z.array(z.string()), stateMachineArn: z.array(z.string()) }),
    }),
    Targets: z.array(z.object({ Arn: z.string(), InputTransformer: z.object({ InputTemplate: z.string() }) })),
  }),
});
const schedule = z.object({
  Properties: z.object({ ScheduleExpression: z.string(), Target: z.object({ Arn: z.string(), Input: z.string() }) }),
});

/** What starts a machine from outside: which ends of which machines, how often, and the keys that the input then has. */
export type Starter = {
  starts: string;
  when: { ended: string[]; status: string[] } | { rate: string };
  keys: string[];
};

export async function starters(): Promise<Starter[]> {
  const { Resources } = resources.parse(await stackFile('resources/rules.yml'));
  const machine = new Map([...(await deployedMachines())].map(([name, { resource }]) => [resource, name]));
  const named = (resource: string) => machine.get(resource) ?? resource;
  return Object.values(Resources).flatMap((at): Starter[] => {
    if (at.Type === 'AWS::Events::Rule') {
      const { EventPattern, Targets } = rule.parse(at).Properties;
      const { status, stateMachineArn } = EventPattern.detail;
      return Targets.map(({ Arn, InputTransformer }) => ({
        starts: named(Arn),
        when: { ended: stateMachineArn.map(named), status },
        keys: [...InputTransformer.InputTemplate.matchAll(/"(\w+)":/g)].map((match) => match[1] ?? ''),
      }));
    }
    if (at.Type === 'AWS::Scheduler::Schedule') {
      const { ScheduleExpression, Target } = schedule.parse(at).Properties;
      return [
        { starts: named(Target.Arn), when: { rate: ScheduleExpression }, keys: Object.keys(JSON.parse(Target.Input)) },
      ];
    }
    return [];
  });
}
