import { expect, test } from '@jest/globals';
import { createCallLog } from '../../local/faults/calls.ts';
import { type Fault, fault } from '../../local/faults/fault.ts';
import { createFaults } from '../../local/faults/faults.ts';
import { type Client, JOBS, jobOf, withKubernetes } from './with-kubernetes.ts';

const calls = createCallLog(() => new Date());

function withFault<T>(armed: Partial<Fault>, use: (client: Client) => Promise<T>): Promise<T> {
  const faults = createFaults();
  faults.arm(fault.parse({ service: 'kubernetes', operation: 'create jobs', ...armed }));
  return withKubernetes(use, { disturbance: { faults, calls } });
}

const post = (client: Client) => client.call('POST', JOBS, { body: jobOf({ name: 'a' }) });

test('a create that fails before its effect made no Job', async () => {
  await withFault({ mode: 'fail-before', status: 503, code: 'ServiceUnavailable' }, async (client) => {
    expect(await post(client)).toMatchObject({ status: 503, body: { kind: 'Status', reason: 'ServiceUnavailable' } });
    expect((await client.call('GET', `${JOBS}/a`)).status).toBe(404);
    expect((await post(client)).status).toBe(201);
  });
});

test('a create that fails after its effect made the Job', async () => {
  await withFault({ mode: 'fail-after' }, async (client) => {
    expect((await post(client)).status).toBe(500);
    expect((await post(client)).body.reason).toBe('AlreadyExists');
  });
});

test('a create that arrives twice answers the second one', async () => {
  await withFault({ mode: 'twice' }, async (client) => {
    expect((await post(client)).status).toBe(409);
    expect((await client.call('GET', `${JOBS}/a`)).status).toBe(200);
  });
});

test('a fault hits the object that it names, and the log says which calls there were', async () => {
  await withFault({ mode: 'fail-before', where: { name: 'b' } }, async (client) => {
    expect((await post(client)).status).toBe(201);
    expect((await client.call('POST', JOBS, { body: jobOf({ name: 'b' }) })).status).toBe(500);
    expect(calls.all().slice(-2)).toMatchObject([
      { service: 'kubernetes', operation: 'create jobs', input: { namespace: 'shop', name: 'a' }, code: 'OK' },
      { service: 'kubernetes', operation: 'create jobs', input: { name: 'b' }, code: 'InternalFailure' },
    ]);
  });
});
