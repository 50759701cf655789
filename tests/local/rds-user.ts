import { readFile } from 'node:fs/promises';
import { Socket } from 'node:net';
import {
  CreateDBInstanceCommand,
  type DBInstance,
  DBInstanceNotFoundFault,
  DescribeDBInstancesCommand,
  RDSClient,
} from '@aws-sdk/client-rds';
import pg from 'pg';
import { clientOf } from './with-endpoint.ts';

export const MASTER = { MasterUsername: 'carthub', MasterUserPassword: 'a-good-password', DBName: 'carthub' };
export const NEW_INSTANCE = { DBInstanceClass: 'db.t4g.micro', Engine: 'postgres', ...MASTER };

/** What a test does with an RDS, through the real SDK and driver. */
export class RdsUser {
  readonly client: RDSClient;
  readonly caFile: string;

  constructor(url: string, caFile: string) {
    this.client = new RDSClient(clientOf(url));
    this.caFile = caFile;
  }

  async create(identifier: string, input: object = {}): Promise<DBInstance> {
    await this.client.send(
      new CreateDBInstanceCommand({
        DBInstanceIdentifier: identifier,
        ...NEW_INSTANCE,
        StorageEncrypted: true,
        ...input,
      }),
    );
    return this.available(identifier);
  }

  async describe(identifier: string): Promise<DBInstance> {
    const { DBInstances: [instance] = [] } = await this.client.send(
      new DescribeDBInstancesCommand({ DBInstanceIdentifier: identifier }),
    );
    if (!instance) throw new Error(`no ${identifier}`);
    return instance;
  }

  /** Polls, as every client of RDS has to, until the instance is as wanted. */
  async until(identifier: string, wanted: (instance: DBInstance) => boolean): Promise<DBInstance> {
    for (;;) {
      const instance = await this.describe(identifier);
      if (wanted(instance)) return instance;
      if (/failed|incompatible/.test(instance.DBInstanceStatus ?? '')) throw new Error(instance.DBInstanceStatus);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  available(identifier: string): Promise<DBInstance> {
    return this.until(identifier, ({ DBInstanceStatus }) => DBInstanceStatus === 'available');
  }

  /** Resolves when there is no instance of this name any more. */
  async deleted(identifier: string): Promise<void> {
    try {
      await this.until(identifier, () => false);
    } catch (error) {
      if (!(error instanceof DBInstanceNotFoundFault)) throw error;
    }
  }

  /** The names under which the instance's status was seen until it was available. */
  async statuses(identifier: string): Promise<string[]> {
    const seen: string[] = [];
    await this.until(identifier, ({ DBInstanceStatus = '' }) => {
      if (seen.at(-1) !== DBInstanceStatus) seen.push(DBInstanceStatus);
      return DBInstanceStatus === 'available';
    });
    return seen;
  }

  async connect(identifier: string, options: pg.ClientConfig = {}): Promise<pg.Client> {
    const { Endpoint } = await this.describe(identifier);
    return this.connectTo(Endpoint?.Port ?? 0, options);
  }

  async connectTo(port: number, options: pg.ClientConfig = {}): Promise<pg.Client> {
    const client = new pg.Client({
      host: '127.0.0.1',
      port,
      user: MASTER.MasterUsername,
      password: MASTER.MasterUserPassword,
      database: MASTER.DBName,
      ssl: { ca: await readFile(this.caFile, 'utf8') },
      ...options,
    });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  }

  /** A connection that comes from another loopback address than 127.0.0.1. */
  connectFrom(localAddress: string, identifier: string, options: pg.ClientConfig = {}): Promise<pg.Client> {
    const stream = () => {
      const socket = new Socket();
      const connect = socket.connect.bind(socket);
      return Object.assign(socket, {
        connect: (port: number, host: string) => connect({ port, host, localAddress }),
      });
    };
    return this.connect(identifier, { stream, ...options });
  }

  /** The first column of what one statement gives, in a session of its own. */
  async query(identifier: string, sql: string, options: pg.ClientConfig = {}): Promise<unknown[]> {
    const client = await this.connect(identifier, options);
    try {
      const { rows } = await client.query<unknown[]>({ text: sql, rowMode: 'array' });
      return rows.map(([first]) => first);
    } finally {
      await client.end();
    }
  }
}
