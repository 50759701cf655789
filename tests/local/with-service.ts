import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { deployStack, type Stack } from '../../local/stack/deploy.ts';

export const where = { region: 'eu-west-1', account: '000000000000' };

/** A service of two functions and one machine, in which `change` may replace or add files. */
export async function withService<T>(
  change: Record<string, string | null>,
  use: (service: { root: string; deploy(params?: Record<string, string>): Promise<Stack> }) => Promise<T>,
): Promise<T> {
  const root = await mkdtemp(join(tmpdir(), 'carthub-stack-'));
  try {
    for (const [name, text] of Object.entries({ ...SERVICE, ...change })) {
      if (text === null) continue;
      await mkdir(dirname(join(root, name)), { recursive: true });
      await writeFile(join(root, name), text);
    }
    const folder = join(root, 'out');
    return await use({
      root,
      deploy: (params = {}) => deployStack({ root, folder, database: 'shop', ...where, params }),
    });
  } finally {
    await rm(root, { recursive: true });
  }
}

export const SERVICE: Record<string, string> = {
  'serverless.yml': `
service: probe
provider:
  name: aws
  runtime: nodejs24.x
  stage: \${opt:stage, 'dev'}
  vpc: { securityGroupIds: [sg-1], subnetIds: !Split [",", "\${param:subnets, 'a,b'}"] }
  environment:
    DATABASE: \${sls:stage}
    BUCKET: !Ref Bucket
    INSTANCE: \${param:instance, '\${sls:stage}-db'}
    SELF: \${self:provider.environment.INSTANCE}-\${self:custom.word}
    COUNT: 3
custom:
  word: twice
  esbuild: { bundle: true, minify: true, platform: node, target: node24, format: cjs, mainFields: [module, main], legalComments: none, external: [pg-native], concurrency: 2 }
functions: \${file(functions.yml)}
resources:
  - \${file(resources.yml)}
`,
  'functions.yml': `
Hello:
  name: probe-\${sls:stage}-hello
  handler: functions/hello.handler
  timeout: 7
  memorySize: 256
  environment:
    MACHINE: !GetAtt Machine.Arn
    SUB: !Sub \${Bucket.Arn}/\${AWS::AccountId}/\${!literal}
bye-bye:
  name: probe-\${sls:stage}-bye
  handler: functions/bye.handler
`,
  'resources.yml': `
Resources:
  Bucket:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: !Sub probe-\${sls:stage}-\${AWS::AccountId}-\${AWS::Region}
      VersioningConfiguration: { Status: Enabled }
  Role:
    Type: AWS::IAM::Role
    Properties: { Whatever: !Join ["", [a, b]] }
  Machine:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      StateMachineName: probe-\${sls:stage}-machine
      RoleArn: !GetAtt Role.Arn
      Definition: \${file(machine.asl.json)}
      DefinitionSubstitutions:
        Hello: !GetAtt HelloLambdaFunction.Arn
        Bye: !GetAtt ByeDashbyeLambdaFunction.Arn
      Tags: [{ Key: a, Value: b }]
`,
  'machine.asl.json': JSON.stringify({
    StartAt: 'Hello',
    States: {
      Hello: { Type: 'Task', Resource: '${Hello}', Next: 'Bye' },
      Bye: { Type: 'Task', Resource: '${Bye}', End: true },
    },
  }),
  'functions/hello.ts': `import { word } from '../lib/word.ts';
class LongNamedError extends Error { override readonly name = 'LongNamedError'; }
export async function handler(): Promise<string> { if (word === '') throw new LongNamedError('no'); return word; }
`,
  'functions/bye.ts': 'export const handler = async () => null;\n',
  'lib/word.ts': "export const word: string = 'hello';\n",
};
