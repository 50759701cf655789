import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateDBInstanceCommand,
  CreateDBSnapshotCommand,
  type DBInstance,
  DescribeDBInstancesCommand,
  RDSClient,
  RestoreDBInstanceFromDBSnapshotCommand,
} from '@aws-sdk/client-rds';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateSecretCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import pg from 'pg';
import type { Documents } from '../../lib/documents/documents.ts';
import { RUN_TAG } from '../../lib/rds/snapshot.ts';
import type { RestorePlan } from '../../lib/restore/plan.ts';
import { ensureTls } from '../../local/certificates.ts';
import { createEndpoint } from '../../local/endpoint.ts';
import { type CallLog, createCallLog } from '../../local/faults/calls.ts';
import type { Fault } from '../../local/faults/fault.ts';
import type { Faults } from '../../local/faults/faults.ts';
import { departAs } from '../../local/network/depart.ts';
import { createNetwork } from '../../local/network/network.ts';
import { openPorts } from '../../local/ports.ts';
import { createRds } from '../../local/rds/rds.ts';
import { createS3 } from '../../local/s3/s3.ts';
import { createSecrets } from '../../local/secrets/secrets.ts';
import { until } from './until.ts';

export const OPS = 'sg-ops';
export const SERVING = 'sg-serving';
export const PASSWORDS = { before: 'the-password-before', now: 'the-password-of-now' };

/** Either may be the copy: they take turns. */
const TAGS = [{ Key: RUN_TAG, Value: 'a-run' }];
const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
const region = 'eu-west-1';
const account = '000000000000';
const MASTER = { username: 'carthub', dbname: 'carthub' };

type Password = string | (() => Promise<string>);

/** An instance that serves and the copy of a snapshot of it, with all that a cutover calls behind one endpoint. This process is the functions. */
export type RestoreStage = {
  rds: RDSClient;
  documents: Documents;
  calls: CallLog;
  /** Decides about each call that comes in. */
  faults: { decide: (call: { service: string; operation: string }) => Fault['mode'] | null };
  describe(identifier: string): Promise<DBInstance>;
  /** A session from an ordinary address, or from a function's. */
  connect(identifier: string, password?: Password, from?: string): Promise<pg.Client>;
  stop(): Promise<void>;
};

/** @param prepare makes what is in the database when the snapshot is taken */
export async function startRestoreStage(prepare: (client: pg.Client) => Promise<unknown>): Promise<RestoreStage> {
  const folder = await mkdtemp(join(tmpdir(), 'carthub-db-stage-'));
  await chmod(folder, 0o755);
  const now = () => new Date();
  const calls = createCallLog(now);
  const faults: RestoreStage['faults'] = { decide: () => null };
  const tls = await ensureTls(join(folder, 'tls'));
  const s3Service = await createS3({ folder: join(folder, 's3'), account, region, now });
  const secretsService = await createSecrets({ folder: join(folder, 'secrets'), account, region, now });
  const rdsService = await createRds({
    ...{ folder: join(folder, 'rds'), processes: join(folder, 'processes'), tls, timeScale: 0.002, now },
    ...{ ports: await openPorts(folder, { say: () => undefined }), network: network(), secrets: secretsService },
  });
  const endpoint = createEndpoint({
    ...{ services: [s3Service, secretsService, rdsService.service], faults: asked(faults), calls, credentials, now },
  });
  await endpoint.listen(0);
  const client = { endpoint: endpoint.url, region, credentials, maxAttempts: 1 };
  const [rds, s3, secrets] = [new RDSClient(client), new S3Client(client), new SecretsManagerClient(client)];
  const unchanged = Socket.prototype.connect;
  await departAs('functions');

  const describe = async (identifier: string): Promise<DBInstance> => {
    const { DBInstances } = await rds.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: identifier }));
    return DBInstances?.[0] ?? {};
  };
  const available = (identifier: string) =>
    until(`${identifier} available`, async () => {
      const found = await describe(identifier);
      return found.DBInstanceStatus === 'available' && found;
    });
  const connect = async (identifier: string, password: Password = PASSWORDS.now, from = '127.0.0.1') =>
    connectFrom(from, await portOf(identifier), password, await readFile(tls.caFile, 'utf8'));
  const portOf = async (identifier: string) => (await describe(identifier)).Endpoint?.Port ?? 0;

  await rdsService.start();
  await s3.send(new CreateBucketCommand({ Bucket: 'documents' }));
  await rds.send(
    new CreateDBInstanceCommand({
      ...{ DBInstanceIdentifier: 'carts', DBInstanceClass: 'db.t4g.micro', Engine: 'postgres', AllocatedStorage: 20 },
      ...{ MasterUsername: MASTER.username, MasterUserPassword: PASSWORDS.before, DBName: MASTER.dbname },
      ...{ VpcSecurityGroupIds: [SERVING], BackupRetentionPeriod: 0, Tags: TAGS },
    }),
  );
  const { Endpoint } = await available('carts');
  const made = await connect('carts', PASSWORDS.before);
  await prepare(made);
  await made.query(`alter role ${MASTER.username} password '${PASSWORDS.before}'`);
  await rds.send(new CreateDBSnapshotCommand({ DBInstanceIdentifier: 'carts', DBSnapshotIdentifier: 'before' }));
  await available('carts');
  await rds.send(
    new RestoreDBInstanceFromDBSnapshotCommand({
      ...{ DBInstanceIdentifier: 'carts-copy', DBSnapshotIdentifier: 'before', VpcSecurityGroupIds: [OPS] },
      Tags: TAGS,
    }),
  );
  const secret = (password: string) =>
    JSON.stringify({ ...MASTER, password, host: Endpoint?.Address, port: Endpoint?.Port });
  const { ARN = '' } = await secrets.send(
    new CreateSecretCommand({ Name: 'master', SecretString: secret(PASSWORDS.before) }),
  );
  // Rotated after the moment of the copy.
  await made.query(`alter role ${MASTER.username} password '${PASSWORDS.now}'`);
  await made.end();
  await secrets.send(new PutSecretValueCommand({ SecretId: ARN, SecretString: secret(PASSWORDS.now) }));
  await available('carts-copy');
  // The functions read these when they are loaded.
  Object.assign(process.env, {
    ...{
      AWS_ENDPOINT_URL: endpoint.url,
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
      AWS_REGION: region,
    },
    ...{ DATABASE: 'carthub', BUCKET: 'documents', DB_INSTANCE: 'carts', DB_SECRET_ARN: ARN, OPS_SECURITY_GROUP: OPS },
    ...{ EKS_CLUSTER: 'c', NAMESPACE: 'n', SERVICE_ACCOUNT: 's', BACKUP_SERVICE_ACCOUNT: 'b' },
    ...{ DEADLINE_SECONDS: '60', PGSSLROOTCERT: tls.caFile },
  });
  return {
    ...{ rds, documents: { s3, bucket: 'documents' }, calls, faults, describe, connect },
    async stop() {
      Socket.prototype.connect = unchanged;
      for (const each of [rds, s3, secrets]) each.destroy();
      await endpoint.close();
      await rdsService.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function network(): ReturnType<typeof createNetwork> {
  const rule = { protocol: 'tcp', from: 5432, to: 5432, cidr: null, group: null };
  const made = createNetwork();
  made.deploy({
    functions: ['sg-functions'],
    groups: [
      { id: SERVING, logicalId: 'Serving', ingress: [{ ...rule, cidr: '10.0.0.0/16' }] },
      { id: OPS, logicalId: 'Ops', ingress: [{ ...rule, group: 'sg-functions' }] },
    ],
  });
  return made;
}

function asked(faults: RestoreStage['faults']): Faults {
  return {
    arm: () => undefined,
    clear: () => undefined,
    armed: () => [],
    take(call) {
      const mode = faults.decide(call);
      const fault = { code: 'InternalFailure', status: 500, times: 1, skip: 0, where: {}, afterMs: 0 };
      return mode && { ...fault, mode, service: call.service, operation: call.operation };
    },
  };
}

async function connectFrom(localAddress: string, port: number, password: Password, ca: string): Promise<pg.Client> {
  const stream = () => {
    const socket = new Socket();
    const connect = socket.connect.bind(socket);
    return Object.assign(socket, { connect: (to: number, host: string) => connect({ port: to, host, localAddress }) });
  };
  const client = new pg.Client({
    ...{ host: '127.0.0.1', port, user: MASTER.username, password, database: MASTER.dbname, ssl: { ca }, stream },
  });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

/** That of the instance that is called carts now, to be replaced by the other one. */
export async function planOn(
  stage: Pick<RestoreStage, 'describe'>,
  run: string,
  changes: Partial<RestorePlan>,
): Promise<RestorePlan> {
  const { DbiResourceId: resourceId = '' } = await stage.describe('carts');
  return {
    ...{ format: 1, run, database: 'carthub', order: { to: 'latest' }, expected: null, expectedSeconds: null },
    ...{ target: { time: null, snapshot: 'before', savedSnapshot: null }, window: { earliest: null, latest: null } },
    source: { resourceId, identifier: 'carts', groups: [SERVING] },
    ...{ copy: { identifier: 'carts-copy' }, retired: { identifier: 'carts-retired' }, resumes: ['a-run'] },
    ...{ follows: [], notes: [], madeAt: new Date().toISOString(), digest: '', ...changes },
  };
}
