import { expect, test } from '@jest/globals';
import { bundles } from './bundles.ts';
import { type Along, actionsOf, allowedActions, rightsFindings, rolesOfFunctions } from './rights.ts';

/**
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonrds.html
 * A restored instance and a snapshot are born with tags, which a description of snapshots shows. A copy gets the key, the roles and, of its
 * own, the managed secret of its source; what is made anew with a managed password gets a key and a secret, and is removed by what its tags
 * say. A missing object answers 404 and not 403 only to whom may list.
 */
const ALONG: Along = {
  's3:GetObject': ['s3:ListBucket'],
  'rds:DescribeDBSnapshots': ['rds:ListTagsForResource'],
  'rds:CreateDBSnapshot': ['rds:AddTagsToResource'],
  'rds:RestoreDBInstanceToPointInTime': ['rds:AddTagsToResource', 'iam:PassRole', 'kms:CreateGrant', 'kms:DescribeKey'],
  'rds:AddRoleToDBInstance': ['iam:PassRole', 'secretsmanager:CreateSecret', 'secretsmanager:TagResource'],
  'rds:CreateDBInstance': [
    ...['rds:AddTagsToResource', 'kms:CreateGrant', 'kms:DescribeKey'],
    ...['secretsmanager:CreateSecret', 'secretsmanager:TagResource'],
  ],
  'rds:DeleteDBInstance': ['rds:ListTagsForResource'],
  'secretsmanager:GetSecretValue': ['kms:Decrypt'],
};

test('every call of AWS that a function can make is allowed by its role, and a role allows nothing that none of its functions calls', async () => {
  const [roles, actions] = [await rolesOfFunctions(), await actionsOf()];
  const asked = new Map(
    [...(await bundles())].map(([name, text]) => [name, { role: roles.get(name) ?? '', actions: actions(text) }]),
  );
  expect(rightsFindings(asked, await allowedActions(), ALONG)).toEqual([]);
  expect(asked.get('RestoreBeside')?.actions).toContain('rds:RestoreDBInstanceToPointInTime');
  expect(asked.get('CheckCluster')?.actions).toEqual(new Set(['eks:DescribeCluster']));
});

const asks = (...actions: string[]) => new Map([['F', { role: 'R', actions: new Set(actions) }]]);
const allows = (...actions: string[]) => new Map([['R', new Set(actions)]]);
const along: Along = { 's3:GetObject': ['s3:ListBucket'] };

test('sees a call that is not allowed, also one that a service makes along with it', () => {
  expect(rightsFindings(asks('s3:GetObject'), allows('s3:GetObject', 's3:ListBucket'), along)).toEqual([]);
  expect(rightsFindings(asks('s3:GetObject'), allows('s3:GetObject'), along)).toEqual([
    'F: asks for s3:ListBucket, which R does not allow',
  ]);
  expect(rightsFindings(asks('s3:GetObject'), allows('s3:ListBucket'), along)).toEqual([
    'F: asks for s3:GetObject, which R does not allow',
  ]);
});

test('sees a right that nobody uses', () => {
  expect(rightsFindings(asks(), allows('rds:DeleteDBInstance', 'kms:Decrypt'), along)).toEqual([
    'R: allows rds:DeleteDBInstance, which none of its functions asks for',
  ]);
});
