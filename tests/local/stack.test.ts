import { mkdtemp, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createLambda } from '../../local/lambda/lambda.ts';
import { deployStack, type Stack } from '../../local/stack/deploy.ts';
import { compileMachine } from '../../local/stepfunctions/machine.ts';
import { SERVICE, where, withService } from './with-service.ts';

const repository = resolve(import.meta.dirname, '../..');
test('names, environments and references are those of the deployed stack', async () => {
  await withService({}, async ({ deploy, root }) => {
    const stack = await deploy({ subnets: 'c' });
    const arn = 'arn:aws:lambda:eu-west-1:000000000000:function:probe-shop';
    const environment = {
      DATABASE: 'shop',
      BUCKET: 'probe-shop-000000000000-eu-west-1',
      INSTANCE: 'shop-db',
      SELF: 'shop-db-twice',
      COUNT: '3',
    };
    expect(stack.functions).toEqual([
      {
        name: 'probe-shop-hello',
        arn: `${arn}-hello`,
        handler: 'handler',
        bundle: join(root, 'out/probe-shop-hello/handler.cjs'),
        timeoutSeconds: 7,
        memoryMiB: 256,
        environment: {
          ...environment,
          MACHINE: 'arn:aws:states:eu-west-1:000000000000:stateMachine:probe-shop-machine',
          SUB: 'arn:aws:s3:::probe-shop-000000000000-eu-west-1/000000000000/${literal}',
        },
      },
      {
        name: 'probe-shop-bye',
        arn: `${arn}-bye`,
        handler: 'handler',
        bundle: join(root, 'out/probe-shop-bye/handler.cjs'),
        timeoutSeconds: 6,
        memoryMiB: 1024,
        environment,
      },
    ]);
    expect(stack.machines).toEqual([
      {
        name: 'probe-shop-machine',
        arn: 'arn:aws:states:eu-west-1:000000000000:stateMachine:probe-shop-machine',
        roleArn: 'arn:aws:iam::000000000000:role/Role',
        definition: {
          StartAt: 'Hello',
          States: {
            Hello: { Type: 'Task', Resource: `${arn}-hello`, Next: 'Bye' },
            Bye: { Type: 'Task', Resource: `${arn}-bye`, End: true },
          },
        },
      },
    ]);
    expect(stack.buckets).toEqual([{ name: 'probe-shop-000000000000-eu-west-1', versioned: true }]);
    expect((await deploy({ instance: 'other' })).functions[1]?.environment).toMatchObject({ SELF: 'other-twice' });
  });
});

test('a bundle is made once, and again when a file that goes into it has changed', async () => {
  await withService({}, async ({ deploy, root }) => {
    await deploy();
    const bundle = join(root, 'out/probe-shop-hello/handler.cjs');
    const long = new Date(1_000_000_000_000);
    await utimes(bundle, long, long);
    await deploy();
    expect((await stat(bundle)).mtime).toEqual(long);
    await writeFile(join(root, 'lib/word.ts'), "export const word: string = 'goodbye';\n");
    await deploy();
    expect(await readFile(bundle, 'utf8')).toContain('goodbye');
    await rm(bundle);
    await deploy();
    expect(await readFile(bundle, 'utf8')).toContain('goodbye');
    await rm(join(root, 'lib/word.ts'));
    await expect(deploy()).rejects.toThrow(/lib\/word/);
  });
});

test('another data folder takes over what was bundled, unless a file has changed since', async () => {
  await withService({ 'node_modules/.package-lock.json': '{}' }, async ({ deploy, root }) => {
    const [out, kept] = [join(root, 'out'), join(root, 'node_modules/.cache/carthub-db/functions.build')];
    const bundled = () => readFile(join(out, 'probe-shop-hello/handler.cjs'), 'utf8');
    await deploy();
    const [first, { mtimeMs }] = [await bundled(), await stat(kept)];
    await rm(out, { recursive: true });
    await deploy();
    expect([await bundled(), (await stat(kept)).mtimeMs]).toEqual([first, mtimeMs]);
    await rm(out, { recursive: true });
    await writeFile(join(root, 'lib/word.ts'), "export const word: string = 'goodbye';\n");
    await deploy();
    expect(await bundled()).toContain('goodbye');
  });
});

const yml = SERVICE['serverless.yml'] ?? '';
const resources = SERVICE['resources.yml'] ?? '';
const functions = SERVICE['functions.yml'] ?? '';

test.each<[string, Record<string, string | null>, string]>([
  ['a missing file', { 'functions.yml': null }, 'functions.yml: there is no such file.'],
  ['a missing handler', { 'functions/bye.ts': null }, 'functions.bye-bye.handler: there is no functions/bye.ts.'],
  [
    'an unknown kind of resource',
    { 'resources.yml': `${resources}  Queue: { Type: AWS::SQS::Queue, Properties: {} }\n` },
    'resources.yml: Resources.Queue: the local deployment does not know AWS::SQS::Queue.',
  ],
  [
    'a variable of another source',
    { 'serverless.yml': yml.replace('COUNT: 3', 'COUNT: ${ssm:/a}') },
    'serverless.yml: provider.environment.COUNT: ${ssm:/a} is not known',
  ],
  [
    'a variable without a value',
    { 'serverless.yml': yml.replace('COUNT: 3', 'COUNT: ${param:none}') },
    'provider.environment.COUNT: nothing was given for ${param:none}.',
  ],
  [
    'variables in a circle',
    { 'serverless.yml': yml.replace('word: twice', 'word: ${self:custom.word}') },
    'goes round in circles.',
  ],
  [
    'an unknown reference',
    { 'functions.yml': functions.replace('Machine.Arn', 'Other.Arn') },
    'functions.Hello.environment.MACHINE: GetAtt Other.Arn',
  ],
  [
    'a function of CloudFormation that is not known',
    { 'functions.yml': functions.replace('!GetAtt Machine.Arn', '!ImportValue x') },
    'functions.Hello.environment.MACHINE: Fn::ImportValue "x" is not known',
  ],
  [
    'a placeholder that nothing fills',
    { 'resources.yml': resources.replace('        Bye: !GetAtt ByeDashbyeLambdaFunction.Arn\n', '') },
    'Resources.Machine: DefinitionSubstitutions has nothing for ${Bye}.',
  ],
  [
    'a substitution that nothing asks for',
    { 'resources.yml': resources.replace('        Bye:', '        Third: x\n        Bye:') },
    'Resources.Machine: the definition has no ${Third}.',
  ],
  [
    'an express machine',
    { 'resources.yml': resources.replace('      RoleArn:', '      StateMachineType: EXPRESS\n      RoleArn:') },
    'Resources.Machine: Properties.StateMachineType',
  ],
  [
    'an option of esbuild that is not known',
    { 'serverless.yml': yml.replace('minify: true', 'minify: true, splitting: true') },
    'custom.esbuild: the local deployment does not take splitting so.',
  ],
  ['YAML that is none', { 'resources.yml': 'Resources: [' }, 'resources.yml: '],
])('%s is refused by name and place', async (_, change, message) => {
  await withService(change, async ({ deploy }) => {
    await expect(deploy()).rejects.toMatchObject({ name: 'StackError', message: expect.stringContaining(message) });
  });
});

let folder: string;
let stack: Stack;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'carthub-stack-'));
  stack = await deployStack({
    root: repository,
    folder,
    database: 'carthub',
    ...where,
    params: { secretArn: 'arn:s' },
  });
});
afterAll(() => rm(folder, { recursive: true }));

test("this repository's own stack deploys: every machine compiles, every bundle loads and answers", async () => {
  const known = {
    functions: new Set(stack.functions.map(({ arn }) => arn)),
    machines: new Set(stack.machines.map(({ arn }) => arn)),
  };
  expect(stack.machines.map((source) => compileMachine(source, known).name).sort()).toEqual(
    [
      ...['accept-state', 'backup', 'backup-job', 'cut-over', 'drill', 'migrate', 'put-back', 'restore', 'run-job'],
      ...['settle', 'sweep'],
    ].map((name) => `carthub-db-carthub-${name}`),
  );
  expect(stack.buckets).toEqual([{ name: 'carthub-db-carthub-000000000000-eu-west-1', versioned: true }]);
  expect(stack.functions[0]?.environment).toMatchObject({ DATABASE: 'carthub', DB_SECRET_ARN: 'arn:s' });
  expect(stack.rules.map(({ Name }) => Name)).toEqual(['carthub-db-carthub-run-ended']);
  expect(stack.schedules.map(({ Name }) => Name)).toEqual(
    ['sweep', 'backup', 'freshness', 'drill', 'sweep-drills'].map((name) => `carthub-db-carthub-${name}`),
  );
  const lambda = createLambda({
    functions: stack.functions,
    environment: { AWS_REGION: 'eu-west-1', AWS_ENDPOINT_URL: 'http://127.0.0.1:1' },
    logs: folder,
    now: () => new Date(),
  });
  try {
    for (const { arn } of stack.functions) {
      const { error } = await lambda.invoke(arn, '"not what it takes"');
      expect([arn, error?.errorType]).toEqual([arn, expect.not.stringMatching(/^(Runtime|Sandbox)\.|^.{0,3}$/)]);
    }
  } finally {
    await lambda.stop();
  }
});
