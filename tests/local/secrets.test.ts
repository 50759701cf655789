import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  type GetSecretValueCommandInput,
  ListSecretsCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { expect, test } from '@jest/globals';
import { createSecrets } from '../../local/secrets/secrets.ts';
import { clientOf, withEndpoint } from './with-endpoint.ts';

const Name = 'carthub-db/master';

async function withSecrets(
  use: (
    client: SecretsManagerClient,
    restart: (use: (client: SecretsManagerClient) => Promise<void>) => Promise<void>,
    folder: string,
  ) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'carthub-db-secrets-'));
  const serve = async (then: (client: SecretsManagerClient) => Promise<void>) => {
    const service = await createSecrets({
      folder,
      account: '000000000000',
      region: 'eu-west-1',
      now: () => new Date(),
    });
    await withEndpoint([service], (url) => then(new SecretsManagerClient(clientOf(url))));
  };
  try {
    await serve((client) => use(client, serve, folder));
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function read(
  client: SecretsManagerClient,
  how: Partial<GetSecretValueCommandInput> = {},
): Promise<string | undefined> {
  return (await client.send(new GetSecretValueCommand({ SecretId: Name, ...how }))).SecretString;
}

test('a secret is found by name, by ARN and by an ARN without its suffix, also after a restart', () =>
  withSecrets(async (client, restart) => {
    const { ARN = '' } = await client.send(new CreateSecretCommand({ Name, SecretString: 'one' }));
    expect(ARN).toMatch(/^arn:aws:secretsmanager:eu-west-1:000000000000:secret:carthub-db\/master-[A-Za-z0-9]{6}$/);
    for (const SecretId of [Name, ARN, ARN.slice(0, -7)]) expect(await read(client, { SecretId })).toBe('one');
    await restart(async (after) => expect(await read(after, { SecretId: ARN })).toBe('one'));
    await expect(read(client, { SecretId: 'other' })).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    await expect(client.send(new CreateSecretCommand({ Name, SecretString: 'two' }))).rejects.toMatchObject({
      name: 'ResourceExistsException',
    });
  }));

test('a rotation moves through the stages: pending, then current, and what was current is previous', () =>
  withSecrets(async (client) => {
    const first = await client.send(new CreateSecretCommand({ Name, SecretString: 'one' }));
    const second = await client.send(
      new PutSecretValueCommand({ SecretId: Name, SecretString: 'two', VersionStages: ['AWSPENDING'] }),
    );
    expect(await read(client)).toBe('one');
    expect(await read(client, { VersionStage: 'AWSPENDING' })).toBe('two');
    await expect(read(client, { VersionStage: 'AWSPREVIOUS' })).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });

    const move = { SecretId: Name, VersionStage: 'AWSCURRENT', MoveToVersionId: second.VersionId };
    await expect(client.send(new UpdateSecretVersionStageCommand(move))).rejects.toMatchObject({
      name: 'InvalidParameterException',
    });
    await client.send(new UpdateSecretVersionStageCommand({ ...move, RemoveFromVersionId: first.VersionId }));
    expect(await read(client)).toBe('two');
    expect(await read(client, { VersionStage: 'AWSPREVIOUS' })).toBe('one');
    expect(await read(client, { VersionId: first.VersionId })).toBe('one');
    await expect(read(client, { VersionId: first.VersionId, VersionStage: 'AWSCURRENT' })).rejects.toMatchObject({
      name: 'InvalidRequestException',
    });

    await client.send(new PutSecretValueCommand({ SecretId: Name, SecretString: 'three' }));
    const described = await client.send(new DescribeSecretCommand({ SecretId: Name }));
    const stages = Object.values(described.VersionIdsToStages ?? {}).map((each) => [...each].sort());
    expect(stages).toEqual([['AWSPENDING', 'AWSPREVIOUS'], ['AWSCURRENT']]);
    expect(described.LastChangedDate?.getTime()).toBeGreaterThan(Date.now() - 60_000);
  }));

test('a put sent twice with one token makes one version, and another value under that token is refused', () =>
  withSecrets(async (client) => {
    await client.send(new CreateSecretCommand({ Name, SecretString: 'one' }));
    const put = { SecretId: Name, SecretString: 'two', ClientRequestToken: '0'.repeat(32) };
    await client.send(new PutSecretValueCommand(put));
    await client.send(new PutSecretValueCommand(put));
    await expect(client.send(new PutSecretValueCommand({ ...put, SecretString: 'x' }))).rejects.toMatchObject({
      name: 'ResourceExistsException',
    });
    expect(await read(client, { VersionStage: 'AWSPREVIOUS' })).toBe('one');
  }));

test('secrets are listed page by page, by prefix', () =>
  withSecrets(async (client) => {
    for (const each of ['b/1', 'a/1', 'a/2', 'a/3'])
      await client.send(new CreateSecretCommand({ Name: each, SecretBinary: Buffer.from(each) }));
    const Filters = [{ Key: 'name' as const, Values: ['a/'] }];
    const first = await client.send(new ListSecretsCommand({ Filters, MaxResults: 2 }));
    const { NextToken } = first;
    const second = await client.send(new ListSecretsCommand({ Filters, MaxResults: 2, NextToken }));
    expect([first, second].map(({ SecretList }) => SecretList?.map((each) => each.Name))).toEqual([
      ['a/1', 'a/2'],
      ['a/3'],
    ]);
    const { SecretBinary = [] } = await client.send(new GetSecretValueCommand({ SecretId: 'a/1' }));
    expect(Buffer.from(SecretBinary).toString()).toBe('a/1');
  }));

test('secrets are for the eyes of their owner only', () =>
  withSecrets(async (client, _, folder) => {
    await client.send(new CreateSecretCommand({ Name, SecretString: 'one' }));
    const [file = ''] = await readdir(folder);
    expect([(await stat(folder)).mode & 0o777, (await stat(join(folder, file))).mode & 0o777]).toEqual([0o700, 0o600]);
  }));

test('what it does not implement is refused by name, and a field that it does not know is not ignored', () =>
  withSecrets(async (client) => {
    await expect(client.send(new DeleteSecretCommand({ SecretId: Name }))).rejects.toMatchObject({
      name: 'NotImplemented',
      message: 'The local cloud does not implement secretsmanager:DeleteSecret with a recovery window.',
    });
    await expect(
      client.send(new CreateSecretCommand({ Name, SecretString: 'x', AddReplicaRegions: [{ Region: 'eu-west-2' }] })),
    ).rejects.toMatchObject({ name: 'ValidationException', message: expect.stringContaining('AddReplicaRegions') });
  }));
