import { setTimeout as delay } from 'node:timers/promises';
import { DescribeDBInstancesCommand, RDSClient } from '@aws-sdk/client-rds';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { expect, test } from '@jest/globals';
import { identitiesOf } from '../../local/identities.ts';
import { type Call, type Service, ServiceError } from '../../local/service.ts';
import { createSts } from '../../local/sts/sts.ts';
import { clientOf, withEndpoint } from './with-endpoint.ts';

const sts = createSts({ account: '000000000000', identities: Object.values(identitiesOf('000000000000')) });

function recorder(name: string, protocol: Service['protocol'], body: Record<string, unknown>) {
  const calls: Call[] = [];
  const service: Service = {
    name,
    protocol,
    async call(call) {
      calls.push(call);
      if (call.input.SecretId === 'nothing') {
        throw new ServiceError('ResourceNotFoundException', 'Nothing is there.');
      }
      return { body };
    },
  };
  return { calls, service };
}

async function arm(url: string, fault: Record<string, unknown>): Promise<void> {
  const answer = await fetch(`${url}/_faults`, { method: 'POST', body: JSON.stringify(fault) });
  expect(answer.status).toBe(200);
}

test('a Query service gets nested input and answers XML that the SDK reads, with lists and a request id', async () => {
  const { calls, service } = recorder('rds', 'query', {
    DBInstances: {
      DBInstance: [{ DBInstanceIdentifier: 'a & <b>', AllocatedStorage: 20 }, { DBInstanceIdentifier: 'c' }],
    },
  });
  await withEndpoint([service], async (url) => {
    const found = await new RDSClient(clientOf(url)).send(
      new DescribeDBInstancesCommand({
        DBInstanceIdentifier: 'carthub-db',
        Filters: [{ Name: 'engine', Values: ['postgres', 'other'] }],
      }),
    );
    expect(found.DBInstances?.map((instance) => instance.DBInstanceIdentifier)).toEqual(['a & <b>', 'c']);
    expect(found.DBInstances?.[0]?.AllocatedStorage).toBe(20);
    expect(found.$metadata.requestId).toMatch(/^[0-9a-f-]{36}$/);
  });
  expect(calls[0]?.operation).toBe('DescribeDBInstances');
  expect(calls[0]?.input).toEqual({
    DBInstanceIdentifier: 'carthub-db',
    Filters: [{ Name: 'engine', Values: ['postgres', 'other'] }],
  });
});

test('a JSON service gets its input and its errors reach the SDK by name', async () => {
  const { calls, service } = recorder('secretsmanager', 'json', { SecretString: 's' });
  await withEndpoint([service], async (url) => {
    const client = new SecretsManagerClient(clientOf(url));
    expect((await client.send(new GetSecretValueCommand({ SecretId: 'x' }))).SecretString).toBe('s');
    await expect(client.send(new GetSecretValueCommand({ SecretId: 'nothing' }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'Nothing is there.',
    });
  });
  expect(calls[0]?.input).toEqual({ SecretId: 'x' });
});

test('a wrong secret key is SignatureDoesNotMatch, and an unknown access key is refused as that', async () => {
  await withEndpoint([sts], async (url) => {
    const ask = (accessKeyId: string, secretAccessKey: string) =>
      new STSClient({ ...clientOf(url), credentials: { accessKeyId, secretAccessKey } }).send(
        new GetCallerIdentityCommand({}),
      );
    expect(await ask('local', 'local')).toMatchObject({
      Account: '000000000000',
      Arn: 'arn:aws:iam::000000000000:user/local',
    });
    await expect(ask('local', 'wrong')).rejects.toMatchObject({ name: 'SignatureDoesNotMatch' });
    await expect(ask('AKIA', 'local')).rejects.toMatchObject({ name: 'UnrecognizedClientException' });
  });
});

test('a service or an operation that is not there is refused by name in the form of the protocol', async () => {
  await withEndpoint([sts], async (url) => {
    await expect(new RDSClient(clientOf(url)).send(new DescribeDBInstancesCommand({}))).rejects.toMatchObject({
      name: 'NotImplemented',
      message: expect.stringContaining('rds:DescribeDBInstances'),
    });
    await expect(
      new SecretsManagerClient(clientOf(url)).send(new GetSecretValueCommand({ SecretId: 'x' })),
    ).rejects.toMatchObject({ name: 'NotImplemented' });
  });
});

test('an unsigned call goes where only one service understands it, and nowhere else', async () => {
  await withEndpoint([sts], async (url) => {
    const body = new URLSearchParams({ Action: 'GetCallerIdentity', Version: '2011-06-15' });
    expect(await (await fetch(url, { method: 'POST', body })).text()).toContain('<Account>000000000000</Account>');
    const bare = await fetch(`${url}/some/thing`, { method: 'PUT', body: 'x' });
    expect([bare.status, await bare.text()]).toEqual([403, expect.stringContaining('MissingAuthenticationToken')]);
  });
});

test('every fault does what it says to the effect and to the answer', async () => {
  const { calls, service } = recorder('secretsmanager', 'json', { SecretString: 's' });
  const fault = { service: 'secretsmanager', operation: 'GetSecretValue' };
  await withEndpoint([service], async (url) => {
    const client = new SecretsManagerClient(clientOf(url));
    const get = (SecretId: string, abortSignal?: AbortSignal) =>
      client.send(new GetSecretValueCommand({ SecretId }), abortSignal ? { abortSignal } : {});

    await arm(url, { ...fault, mode: 'fail-before', code: 'ThrottlingException', status: 400 });
    await expect(get('before')).rejects.toMatchObject({ name: 'ThrottlingException' });
    expect(calls).toHaveLength(0);

    await arm(url, { ...fault, mode: 'fail-after' });
    await expect(get('after')).rejects.toMatchObject({ name: 'InternalFailure', $metadata: { httpStatusCode: 500 } });
    expect(calls).toHaveLength(1);

    await arm(url, { ...fault, mode: 'twice' });
    await get('twice');
    expect(calls).toHaveLength(3);

    await arm(url, { ...fault, mode: 'hang' });
    await expect(get('hang', AbortSignal.timeout(100))).rejects.toMatchObject({ name: 'AbortError' });
    expect(calls).toHaveLength(3);

    await arm(url, { ...fault, mode: 'late', afterMs: 300 });
    await expect(get('late', AbortSignal.timeout(100))).rejects.toMatchObject({ name: 'AbortError' });
    expect(calls).toHaveLength(3);
    while (calls.length === 3) await delay(20);

    await arm(url, { ...fault, mode: 'fail-before', skip: 1, where: { SecretId: 'one' } });
    await get('one');
    await get('other');
    await expect(get('one')).rejects.toMatchObject({ name: 'InternalFailure' });
    await get('one');

    await arm(url, { ...fault, mode: 'fail-after', by: 'freeze', heldMs: 300 });
    await get('nobody’s');
    const armed = async () => (await fetch(`${url}/_faults`)).json();
    expect(await armed()).toEqual([expect.objectContaining({ by: 'freeze' })]);
    const freezing = new SecretsManagerClient({ ...clientOf(url), userAgentAppId: 'freeze' });
    const before = calls.length;
    const held = freezing.send(new GetSecretValueCommand({ SecretId: 'held' }));
    const failed = expect(held).rejects.toMatchObject({ name: 'InternalFailure' });
    while (calls.length === before) await delay(20);
    expect(await Promise.race([held.catch(() => 'answered'), Promise.resolve('held')])).toBe('held');
    expect(await armed()).toEqual([]);
    await failed;

    await arm(url, { ...fault, mode: 'fail-before' });
    await fetch(`${url}/_faults`, { method: 'DELETE' });
    await get('cleared');
  });
});

test('a fault that nobody can mean is refused', async () => {
  await withEndpoint([sts], async (url) => {
    const body = JSON.stringify({ service: 'sts', operation: 'GetCallerIdentity', mode: 'explode' });
    const answer = await fetch(`${url}/_faults`, { method: 'POST', body });
    expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining('mode')]);
  });
});

test('the call log has every call in order, with its result and without secrets', async () => {
  const { service } = recorder('secretsmanager', 'json', { SecretString: 's' });
  await withEndpoint([service, sts], async (url) => {
    const client = new SecretsManagerClient(clientOf(url));
    await new SecretsManagerClient({ ...clientOf(url), userAgentAppId: 'freeze' }).send(
      new GetSecretValueCommand({ SecretId: 'x' }),
    );
    await expect(client.send(new GetSecretValueCommand({ SecretId: 'nothing' }))).rejects.toThrow();
    await new STSClient(clientOf(url)).send(new GetCallerIdentityCommand({}));
    const log = await (await fetch(`${url}/_calls`)).json();
    expect(log).toEqual([
      {
        service: 'secretsmanager',
        operation: 'GetSecretValue',
        by: 'freeze',
        input: { SecretId: 'x' },
        at: expect.any(String),
        code: 'OK',
      },
      expect.objectContaining({ by: null, input: { SecretId: 'nothing' }, code: 'ResourceNotFoundException' }),
      expect.objectContaining({ service: 'sts', operation: 'GetCallerIdentity', code: 'OK' }),
    ]);
  });
});

test('it says that it lives, and which process it is', async () => {
  await withEndpoint([], async (url) => {
    expect(await (await fetch(`${url}/_health`)).json()).toEqual({ ok: true, pid: process.pid });
  });
});
