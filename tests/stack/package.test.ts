import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import * as z from 'zod/mini';

const resource = z.object({
  Type: z.string(),
  DeletionPolicy: z.optional(z.string()),
  Properties: z._default(z.record(z.string(), z.unknown()), {}),
});
const template = z.object({ Resources: z.record(z.string(), resource) });
const statement = z.object({
  Effect: z.string(),
  Action: z.union([z.string(), z.array(z.string())]),
  Resource: z.optional(z.unknown()),
  Condition: z.optional(z.unknown()),
});
const policies = z.array(z.object({ PolicyDocument: z.object({ Statement: z.array(statement) }) }));

const root = resolve(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'carthub-db-package-'));
let resources: z.infer<typeof template>['Resources'];

/** Packages without credentials, with an empty environment, as a laptop without an account does. */
beforeAll(() => {
  execFileSync(
    process.execPath,
    [join(root, 'node_modules/serverless/bin/serverless.js'), 'package', '--package', folder],
    {
      cwd: root,
      env: { PATH: `${join(root, 'node_modules/.bin')}:/usr/bin:/bin`, HOME: folder },
      stdio: 'pipe',
    },
  );
  const text = readFileSync(join(folder, 'cloudformation-template-update-stack.json'), 'utf8');
  resources = template.parse(JSON.parse(text)).Resources;
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true }));

const ofType = (type: string) => Object.entries(resources).filter(([, each]) => each.Type === type);
const statementsOf = (role: z.infer<typeof resource>) =>
  policies.parse(role.Properties.Policies ?? []).flatMap((policy) => policy.PolicyDocument.Statement);

/** Actions that AWS offers for no resource less than all; each is said so beside its use. */
const WITHOUT_RESOURCE_LEVEL = /^(logs:|xray:|rds:DescribeAccountAttributes$)/;

test('no role may do everything, nor anything everywhere but what knows no resources', () => {
  const roles = ofType('AWS::IAM::Role');
  expect(roles.length).toBeGreaterThan(8);
  for (const [name, role] of roles) {
    for (const { Action, Resource } of statementsOf(role)) {
      for (const action of [Action].flat()) {
        expect(`${name} ${action}`).not.toMatch(/\*$/);
        if (Resource === '*') expect(`${action}`).toMatch(WITHOUT_RESOURCE_LEVEL);
      }
    }
  }
});

test('only who touches the database reads its secret, and only who launches Jobs finds the cluster', () => {
  const who = (action: string) =>
    ofType('AWS::IAM::Role')
      .filter(([, role]) => statementsOf(role).some((each) => [each.Action].flat().includes(action)))
      .map(([name]) => name);
  const readers = ['BackupRole', 'CopyFunctionRole', 'DatabaseFunctionRole', 'RestoreFunctionRole', 'RunnerRole'];
  expect([...new Set(who('secretsmanager:GetSecretValue'))].sort()).toEqual(readers);
  expect(who('eks:DescribeCluster')).toEqual(['ClusterFunctionRole']);
  expect(who('rds:CreateDBSnapshot')).toEqual(['InstanceFunctionRole']);
  for (const action of ['rds:ModifyDBInstance', 'rds:RestoreDBInstanceToPointInTime', 'iam:PassRole']) {
    expect(who(action)).toEqual(['RestoreFunctionRole']);
  }
});

test('a restore changes the instance, its copies and what they replaced; only unprotected snapshots of runs and instances of drills are removed', () => {
  const all = ofType('AWS::IAM::Role').flatMap(([, role]) => statementsOf(role));
  const changing = /^rds:(Modify|Reboot|Restore|AddTags|RemoveTags|AddRole)/;
  const changed = all.filter(({ Action }) => [Action].flat().some((action) => changing.test(action)));
  const instances = changed.flatMap(({ Resource }) => [...JSON.stringify([Resource]).matchAll(/:(db:[^"]*)"/g)]);
  expect(new Set(instances.map((match) => match[1]))).toEqual(
    // The last is of drills, which have to carry the mark of one.
    new Set(['db:carthub-db', 'db:carthub-db-restored-*', 'db:carthub-db-retired-*', 'db:carthub-db-*']),
  );
  const removing = all.filter(({ Action }) => /"rds:Delete/.test(JSON.stringify(Action)));
  expect(removing).toEqual([
    expect.objectContaining({
      Action: ['rds:DeleteDBSnapshot'],
      Condition: {
        StringEquals: { 'aws:ResourceTag/carthub-db:database': 'carthub' },
        Null: { 'aws:ResourceTag/carthub-db:run': 'false', 'aws:ResourceTag/carthub-db:keep': 'true' },
      },
    }),
    expect.objectContaining({
      Action: ['rds:DeleteDBInstance', 'rds:RemoveTagsFromResource'],
      Condition: {
        StringEquals: { 'aws:ResourceTag/carthub-db:database': 'carthub' },
        Null: { 'aws:ResourceTag/carthub-db:drill': 'false' },
      },
    }),
  ]);
  const drills = all.filter(({ Resource }) => JSON.stringify([Resource]).includes(':db:carthub-db-*"'));
  for (const { Action, Condition } of drills.filter((each) => JSON.stringify(each.Action).includes('rds:'))) {
    expect([Action, JSON.stringify(Condition)]).toEqual([Action, expect.stringContaining('carthub-db:drill":"false"')]);
  }
  for (const { Condition } of all.filter(({ Action }) => [Action].flat().includes('iam:PassRole'))) {
    expect(JSON.stringify(Condition)).toContain(
      '"iam:PassedToService":["rds.amazonaws.com","monitoring.rds.amazonaws.com"]',
    );
  }
});

/** What a role may do to objects of the bucket, by their keys. */
function objectsOf(role: z.infer<typeof resource>): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  for (const { Action, Resource } of statementsOf(role)) {
    const keys = [...JSON.stringify([Resource]).matchAll(/\$\{Bucket\.Arn\}\/([^"]+)"/g)].map(
      (match) => match[1] ?? '',
    );
    for (const action of [Action].flat()) found[action] = [...(found[action] ?? []), ...keys].sort();
  }
  return Object.fromEntries(Object.entries(found).filter(([action, keys]) => /^s3:/.test(action) && keys.length > 0));
}

test('each role reads and writes the documents of its functions, and no others', () => {
  const all = ofType('AWS::IAM::Role').map(([name, role]) => [name, objectsOf(role)] as const);
  const lease = ['images/carthub.json', 'leases/carthub.json', 'quarantine/carthub.json', 'runs/*.json'];
  const kept = ['accepted/carthub.json', 'runs/*/plan.json', 'runs/*/schema-after.json', 'runs/*/schema-before.json'];
  const of = (...names: string[]) => names.map((name) => `runs/*/restore/${name}`);
  const steps = [
    'instances/carthub.json',
    ...of('cutover.json', 'freeze.json', 'plan.json', 'report.json', 'settings.json'),
  ];
  const rows = of('acceptance.json', 'cutover.json', 'loss.json', 'lost.jsonl', 'report.json', 'writes/*');
  const made = of('freeze.json', 'plan.json', 'settings.json');
  const documents = ['drilled', 'hold', 'manifest', 'verified'].map((name) => `backups/*/${name}.json`);
  const catalogue = {
    's3:GetObject': documents,
    ...{ 's3:GetObjectRetention': ['backups/*'], 's3:GetObjectLegalHold': ['backups/*'] },
  };
  const told = ['runs/*/applied.json', 'runs/*/differences.json'];
  expect(Object.fromEntries(all.filter(([, objects]) => Object.keys(objects).length > 0))).toEqual({
    LeaseFunctionRole: {
      's3:GetObject': ['backups/*/manifest.json', 'backups/*/verified.json', ...lease],
      's3:PutObject': lease,
    },
    InstanceFunctionRole: { 's3:PutObject': ['runs/*/snapshot.json'] },
    ClusterFunctionRole: {
      's3:GetObject': ['leases/carthub.json'],
      's3:PutObject': ['runs/*/*-verdict.json', 'runs/*/verdict.json'],
      's3:AbortMultipartUpload': ['backups/*'],
    },
    RestoreFunctionRole: {
      's3:GetObject': [...steps, 'runs/*/plan.json', 'runs/*/restore-point.json'].sort(),
      's3:PutObject': steps,
    },
    CopyFunctionRole: {
      's3:GetObject': [...rows, 'releases/*', 'runs/*/plan.json', 'runs/*/restore-point.json', ...made].sort(),
      's3:PutObject': rows,
    },
    DatabaseFunctionRole: {
      's3:GetObject': [...kept, 'quarantine/carthub.json', 'releases/*', 'schemas/*'].sort(),
      's3:PutObject': [...kept, 'quarantine/carthub.json', ...told].sort(),
    },
    BackupRetentionFunctionRole: {
      ...catalogue,
      's3:DeleteObjectVersion': ['backups/*'],
      's3:PutObject': ['retention/carthub.json'],
    },
    SnapshotRetentionFunctionRole: { 's3:GetObject': ['leases/carthub.json', 'runs/*.json'] },
    DrillRecordFunctionRole: {
      ...catalogue,
      's3:GetObject': [
        ...catalogue['s3:GetObject'],
        ...['drills/carthub.json', 'images/carthub.json', 'runs/*.json', 'runs/*/restore-dump-verdict.json'],
      ],
      's3:PutObject': ['backups/*/drilled.json', 'drills/carthub.json', 'runs/*.json'],
    },
    DrillFunctionRole: { 's3:PutObject': ['runs/*.json'] },
    FreshnessFunctionRole: {
      ...catalogue,
      's3:GetObject': [...catalogue['s3:GetObject'], 'drills/carthub.json', 'retention/carthub.json'],
    },
    BackupRole: {
      ...{ 's3:GetObject': ['backups/*'], 's3:PutObject': ['backups/*'], 's3:AbortMultipartUpload': ['backups/*'] },
    },
    RunnerRole: {
      's3:GetObject': ['releases/*', 'runs/*/restore-point.json'],
      's3:PutObject': ['runs/*/report.json', 'runs/*/restore-point.json'],
    },
  });
});

test('a key of KMS opens what its service asks for in the name of this stack, and nothing else', () => {
  const uses = ofType('AWS::IAM::Role').flatMap(([, role]) =>
    statementsOf(role).filter(({ Action }) => JSON.stringify(Action).includes('kms:')),
  );
  expect(uses.length).toBeGreaterThan(6);
  for (const { Action, Condition } of uses) {
    const text = JSON.stringify(Condition);
    // RDS asks for a grant on a copy that has no name yet.
    if (/kms:(CreateGrant|DescribeKey)/.test(JSON.stringify(Action))) expect(text).toMatch(/"kms:ViaService":.*"rds\./);
    else expect(text).toMatch(/"kms:ViaService":.*"kms:EncryptionContext:(SecretARN|aws:s3:arn)":/);
    if (JSON.stringify(Action).includes('CreateGrant')) expect(text).toContain('"kms:GrantIsForAWSResource":true');
  }
});

test("no right reaches the stack of a database whose name begins with this one's", () => {
  expect(JSON.stringify(resources)).not.toContain('carthub-db-carthub-*');
});

test('every function has a role of its kind, the runtime that we test with, and a log that ends', () => {
  const functions = ofType('AWS::Lambda::Function');
  expect(functions).toHaveLength(47);
  for (const [, each] of functions) {
    expect(each.Properties).toMatchObject({
      Runtime: 'nodejs24.x',
      Role: { 'Fn::GetAtt': [expect.stringMatching(/FunctionRole$/), 'Arn'] },
    });
  }
  for (const [, each] of ofType('AWS::Logs::LogGroup')) expect(each.Properties).toHaveProperty('RetentionInDays');
});

test('the bucket outlives the stack, is encrypted, versioned, closed, and speaks TLS only', () => {
  const bucket = resources.Bucket;
  expect(bucket?.DeletionPolicy).toBe('Retain');
  expect(bucket?.Properties).toMatchObject({
    VersioningConfiguration: { Status: 'Enabled' },
    BucketEncryption: {
      ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms' } }],
    },
    PublicAccessBlockConfiguration: { BlockPublicAcls: true, BlockPublicPolicy: true, RestrictPublicBuckets: true },
  });
  expect(JSON.stringify(resources.BucketPolicy)).toContain('aws:SecureTransport');
});

test('the functions reach the database, also a frozen one, at the port that a parameter names', () => {
  const egress = resources.FunctionSecurityGroup?.Properties.SecurityGroupEgress;
  expect(egress).toEqual(expect.arrayContaining([expect.objectContaining({ FromPort: 5432, ToPort: 5432 })]));
  const source = readFileSync(join(root, 'resources/network.yml'), 'utf8');
  expect(source.match(/(From|To)Port: .*/g)?.filter((port) => !port.endsWith(': 443'))).toEqual(
    Array.from({ length: 5 }, () => [
      'FromPort: ${param:databasePort, 5432}',
      'ToPort: ${param:databasePort, 5432}',
    ]).flat(),
  );
});

test('every placeholder of a state machine is substituted, and every substitution is used', () => {
  for (const [, machine] of ofType('AWS::StepFunctions::StateMachine')) {
    const used = [...JSON.stringify(machine.Properties.Definition).matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name);
    const given = Object.keys(z.record(z.string(), z.unknown()).parse(machine.Properties.DefinitionSubstitutions));
    expect([...new Set(used)].sort()).toEqual(given.sort());
  }
});

test('the end of a root that did not go well starts the sweeper, and so does the clock', () => {
  expect(ofType('AWS::Events::Rule')[0]?.[1].Properties).toMatchObject({
    EventPattern: { detail: { status: ['FAILED', 'TIMED_OUT', 'ABORTED'] } },
    Targets: [{ Arn: { Ref: 'SweepStateMachine' } }],
  });
  expect(resources.SweepSchedule?.Properties).toMatchObject({
    ScheduleExpression: 'rate(1 minute)',
    Target: { Arn: { Ref: 'SweepStateMachine' } },
  });
});

test('every night at two a backup is made, and at five if there is none yet, by the clocks of a zone that a parameter names', () => {
  const { Target, ...when } = z
    .looseObject({ Target: z.looseObject({ Arn: z.unknown(), Input: z.string() }) })
    .parse(resources.BackupSchedule?.Properties);
  expect(when).toMatchObject({
    ...{ ScheduleExpression: 'cron(0 2,5 * * ? *)', ScheduleExpressionTimezone: 'UTC' },
    FlexibleTimeWindow: { Mode: 'OFF' },
  });
  expect(Target.Arn).toEqual({ Ref: 'BackupStateMachine' });
  expect(JSON.parse(Target.Input)).toMatchObject({ scheduled: '<aws.scheduler.scheduled-time>', timeZone: 'UTC' });
  const source = readFileSync(join(root, 'serverless.yml'), 'utf8');
  expect(source).toContain("timeZone: ${param:timeZone, 'UTC'}");
});

test('a function outlives no state that waits for it', () => {
  for (const [name, machine] of ofType('AWS::StepFunctions::StateMachine')) {
    const definition = z
      .object({
        States: z.record(
          z.string(),
          z.looseObject({ Resource: z.optional(z.string()), TimeoutSeconds: z.optional(z.int()) }),
        ),
      })
      .parse(machine.Properties.Definition);
    for (const [state, { Resource, TimeoutSeconds }] of Object.entries(definition.States)) {
      const placeholder = /^\$\{(\w+)\}$/.exec(Resource ?? '')?.[1];
      if (!placeholder) continue;
      const timeout = z.int().parse(resources[`${placeholder}LambdaFunction`]?.Properties.Timeout);
      expect(`${name} ${state}: ${(TimeoutSeconds ?? 0) > timeout}`).toBe(`${name} ${state}: true`);
    }
  }
});
