import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { stackFile } from './stack.ts';

const CLIENTS = join(import.meta.dirname, '../../node_modules/@aws-sdk');
/** The clients that we use, by the prefix of their actions. */
const SERVICES: Record<string, string> = {
  ...{ rds: 'client-rds', s3: 'client-s3', states: 'client-sfn', secretsmanager: 'client-secrets-manager' },
  ...{ eks: 'client-eks', scheduler: 'client-scheduler', sns: 'client-sns', cloudwatch: 'client-cloudwatch' },
};

/** Actions that are called otherwise than what they allow: https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations.html */
const OTHERWISE: Record<string, string[]> = {
  // Without the two, what Object Lock says of the object is left out.
  HeadObject: ['s3:GetObject', 's3:GetObjectRetention', 's3:GetObjectLegalHold'],
  HeadBucket: ['s3:ListBucket'],
  ListObjectsV2: ['s3:ListBucket'],
  ListObjectVersions: ['s3:ListBucketVersions'],
  // With a version each, which is all that we do.
  DeleteObjects: ['s3:DeleteObjectVersion'],
  CreateMultipartUpload: ['s3:PutObject'],
  UploadPart: ['s3:PutObject'],
  CompleteMultipartUpload: ['s3:PutObject'],
  ListParts: ['s3:ListMultipartUploadParts'],
  ListMultipartUploads: ['s3:ListBucketMultipartUploads'],
  GetObjectLockConfiguration: ['s3:GetBucketObjectLockConfiguration'],
  // Of one zone, which we have none of; the client brings it along.
  CreateSession: [],
};

/**
 * The actions of IAM that a bundle may ask for: the commands in it, which are those that its function can reach, since what it cannot
 * reach is shaken out.
 */
export async function actionsOf(): Promise<(bundle: string) => Set<string>> {
  const prefixes = new Map<string, string[]>();
  for (const [prefix, client] of Object.entries(SERVICES)) {
    for (const file of await readdir(join(CLIENTS, client, 'dist-es/commands')).catch(() => [])) {
      const [, name] = /^(\w+)Command\.js$/.exec(file) ?? [];
      if (name !== undefined) prefixes.set(name, [...(prefixes.get(name) ?? []), prefix]);
    }
  }
  return (bundle) => {
    const commands = [...bundle.matchAll(/extends [\w$]+\([\w$]+,\s*[\w$]+,\s*"(\w+)",\s*[\w$]+\)/g)];
    return new Set(
      commands.flatMap(
        ([, name = '']) =>
          OTHERWISE[name] ?? (prefixes.get(name) ?? []).slice(0, 1).map((prefix) => `${prefix}:${name}`),
      ),
    );
  };
}

const statement = z.object({ Action: z.union([z.string(), z.array(z.string())]) });
const role = z.object({
  Properties: z.object({
    Policies: z.array(z.object({ PolicyDocument: z.object({ Statement: z.array(statement) }) })),
  }),
});
const resources = z.object({ Resources: z.record(z.string(), z.looseObject({ Type: z.string() })) });

/** What each role allows. */
export async function allowedActions(): Promise<Map<string, Set<string>>> {
  const { Resources } = resources.parse(await stackFile('resources/roles.yml'));
  const roles = Object.entries(Resources).filter(([, at]) => at.Type === 'AWS::IAM::Role');
  return new Map(
    roles.map(([name, at]) => {
      const policies = role.parse(at).Properties.Policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
      return [name, new Set(policies.flatMap(({ Action }) => Action))];
    }),
  );
}

const functions = z.record(z.string(), z.object({ role: z.string() }));

/** Under which role each function runs. */
export async function rolesOfFunctions(): Promise<Map<string, string>> {
  const all = functions.parse(await stackFile('resources/functions.yml'));
  return new Map(Object.entries(all).map(([name, { role }]) => [name, role]));
}

/** Actions that no code of ours asks for by name: services ask for them in the name of whoever makes the call. */
export type Along = Readonly<Record<string, readonly string[]>>;

/** What a function asks for and its role does not allow, and what a role allows that none of its functions asks for. */
export function rightsFindings(
  asked: ReadonlyMap<string, { role: string; actions: ReadonlySet<string> }>,
  allowed: ReadonlyMap<string, ReadonlySet<string>>,
  along: Along,
): string[] {
  const missing = [...asked].flatMap(([name, { role, actions }]) =>
    [...actions, ...[...actions].flatMap((action) => along[action] ?? [])]
      .filter((action) => !allowed.get(role)?.has(action))
      .map((action) => `${name}: asks for ${action}, which ${role} does not allow`),
  );
  const used = Map.groupBy(asked.values(), ({ role }) => role);
  const superfluous = [...used].flatMap(([role, each]) => {
    const wanted = new Set(each.flatMap(({ actions }) => [...actions]).flatMap((one) => [one, ...(along[one] ?? [])]));
    return [...(allowed.get(role) ?? [])]
      .filter((action) => !wanted.has(action) && !action.startsWith('kms:'))
      .map((action) => `${role}: allows ${action}, which none of its functions asks for`);
  });
  return [...new Set([...missing, ...superfluous])].sort();
}
