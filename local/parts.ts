import { join } from 'node:path';
import { ACCOUNT, DATABASE, namesOf, REGION } from './account.ts';
import { ensureTls, type Tls } from './certificates.ts';
import type { CloudOptions } from './cloud.ts';
import { createEks } from './eks/eks.ts';
import { createEndpoint, type Endpoint } from './endpoint.ts';
import { environmentFor } from './environment.ts';
import { type CallLog, createCallLog } from './faults/calls.ts';
import { createFaults, type Faults } from './faults/faults.ts';
import { type Identity, identitiesOf } from './identities.ts';
import { createKubernetes, type Kubernetes } from './kubernetes/kubernetes.ts';
import { hasAddress, LOOPBACK } from './network/loopback.ts';
import { createNetwork } from './network/network.ts';
import { claimEndpoint, openPorts } from './ports.ts';
import { GROUPS } from './provision/instance.ts';
import { SECONDS } from './rds/pace.ts';
import { createRds, type Rds } from './rds/rds.ts';
import { createS3 } from './s3/s3.ts';
import { createSecrets } from './secrets/secrets.ts';
import type { Service, StreamingService } from './service.ts';
import { createSns } from './sns/sns.ts';
import type { Step } from './steps.ts';
import { createSts } from './sts/sts.ts';
import { together } from './together.ts';
import type { Undo } from './undo.ts';

/** The services of a cloud, made and not yet at work. */
export type Parts = {
  port: number;
  tls: Tls;
  s3: StreamingService;
  secrets: Service;
  rds: Rds;
  kubernetes: Kubernetes;
  /** Of which the stack makes the security groups. */
  network: ReturnType<typeof createNetwork>;
  /** Answers for the services above, and for those that are added. */
  endpoint: Endpoint;
  addService(service: Service): void;
  /** The log of calls and the faults, for whoever calls past the endpoint. */
  disturbance: { faults: Faults; calls: CallLog };
  /** The environment of a program inside the cloud that has this identity. */
  environment(identity: Identity): Record<string, string>;
  identities: ReturnType<typeof identitiesOf>;
};

export async function makeParts(options: CloudOptions, step: Step, undo: Undo): Promise<Parts> {
  const { data, timeScale, now, say } = options;
  const at = (name: string) => join(data, name);
  const here = { account: ACCOUNT, region: REGION, now };
  const processes = at('processes');
  const clusterName = namesOf(DATABASE).cluster;
  const identities = identitiesOf(ACCOUNT);
  const everybody = Object.values(identities);

  const ports = await openPorts(data, { say });
  const port = await claimEndpoint(ports, options.port);
  const [kubernetesPort, tls, s3, secrets, sns] = await together(
    ports.claim('kubernetes'),
    step('certificates ready', () => ensureTls(at('tls'), now)),
    step('S3 ready', () => createS3({ folder: at('s3'), ...here })),
    step('Secrets Manager ready', () => createSecrets({ folder: at('secrets'), ...here })),
    step('SNS ready', () => createSns({ folder: at('sns'), ...here })),
  );
  const url = `http://127.0.0.1:${port}`;
  const environment = (identity: Identity) =>
    environmentFor(identity, { endpoint: url, region: REGION, databaseCaFile: tls.caFile });

  // In the order in which they are ended, backwards: a pod that is told to stop still wants S3 and PostgreSQL.
  const network = createNetwork();
  const pace = { ...SECONDS };
  await warnOfMissingAddresses(say);
  const rds = await createRds({
    ...{ folder: at('rds'), processes, ports, tls, timeScale, ...here, say, network, secrets, pace },
    ...GROUPS,
  });
  undo.add('PostgreSQL stopped', () => rds.stop());
  const services: (Service | StreamingService)[] = [s3, secrets, sns, rds.service];
  const disturbance = { faults: createFaults(), calls: createCallLog(now) };
  const endpoint = createEndpoint({ services, ...disturbance, pace, credentials: everybody, now, say });
  undo.add('endpoint closed', () => endpoint.close());
  const kubernetes = createKubernetes({
    ...{ folder: at('kubernetes'), processes, images: at('images'), tls, clusterName, now, say },
    port: kubernetesPort,
    podEnv: () => environment(identities.job),
    credentials: (accessKeyId) => {
      const identity = everybody.find((each) => each.accessKeyId === accessKeyId);
      return identity ? { ...identity, sessionToken: null } : null;
    },
    endpoint: () => url,
    disturbance,
  });
  undo.add('Kubernetes stopped', () => kubernetes.stop());
  services.push(
    createEks({ clusterName, ...here, endpoint: () => kubernetes.url, caFile: tls.caFile, createdAt: now() }),
    createSts({ account: ACCOUNT, identities: everybody }),
  );
  const addService = (service: Service) => void services.push(service);
  return {
    ...{ port, tls, s3, secrets, rds, kubernetes, network, endpoint, addService, disturbance },
    ...{ environment, identities },
  };
}

async function warnOfMissingAddresses(say: (line: string) => void): Promise<void> {
  const all = await Promise.all(
    Object.values(LOOPBACK).map(async (address) => ({ address, is: await hasAddress(address) })),
  );
  const missing = all.filter(({ is }) => !is).map(({ address }) => `sudo ifconfig lo0 alias ${address} up`);
  if (missing.length === 0) return;
  say(
    `This machine lacks addresses by which security groups tell functions from others. Add them: ${missing.join('; ')}`,
  );
}
