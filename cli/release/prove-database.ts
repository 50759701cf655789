import type { Client } from 'pg';
import { withThrowawayServer } from '../../embedded/throwaway.ts';
import { toFault } from '../../lib/errors.ts';
import { type ConnectOptions, withClient } from '../../lib/postgres/connect.ts';
import type { Credentials } from '../../lib/postgres/credentials.ts';
import { documentReader } from '../../lib/schema/describe.ts';
import type { SchemaDocument } from '../../lib/schema/document.ts';
import type { Context } from '../command.ts';
import { PreludeError } from '../errors.ts';
import { unlessInterrupted } from '../interruption.ts';
import { type Applicable, apply } from './apply.ts';
import { applierWithRoles } from './prove-roles.ts';
import { withServerDatabase } from './prove-server.ts';
import type { Where } from './prove-where.ts';

/** An empty database, but for the prelude, that is there for us alone and gone afterwards. */
export type ProvingDatabase = {
  /** The session of the user who migrates. */
  client: Client;
  /** Applies a file, and makes the roles that it names. @throws SqlError and what the runner refuses files with */
  apply(file: Applicable): Promise<void>;
  /** The whole schema, as it is now. */
  read(): Promise<SchemaDocument>;
  /** What server it is, for people: `PostgreSQL 15.18`. */
  server: string;
};

/** A database that was made, how to connect to it, and what is to be known afterwards: roles, which outlive it. */
export type MadeDatabase = {
  connection: Pick<ConnectOptions, 'credentials' | 'ca' | 'plaintext'>;
  /** Runs `use` with the rights of a superuser, where we have them to give. */
  asPlatform<T>(use: () => Promise<T>): Promise<T>;
  /** Is told a role of ours. */
  madeRole(name: string): void;
};

const CONNECT_TIMEOUT_MS = 10_000;
/** On an empty database nothing takes long; what waits for ever there must not keep the migration from its truth. */
const STATEMENT_TIMEOUT_MS = 120_000;

/**
 * Lends `use` a database to try files in.
 *
 * @param texts the files that will be applied: the roles that they make are dropped from a server that is not ours
 * @throws ProvingServerError, PreludeError, and what `use` throws
 */
export async function withProvingDatabase<T>(
  where: Where,
  { context, texts }: { context: Context; texts: readonly string[] },
  use: (database: ProvingDatabase) => Promise<T>,
): Promise<T> {
  const { server, prelude } = where;
  const { interrupted } = context;
  const inDatabase = ({ connection, asPlatform, madeRole }: MadeDatabase) => {
    const options = {
      ...{ ...connection, applicationName: 'carthub-db' },
      ...{ connectTimeoutMs: CONNECT_TIMEOUT_MS, statementTimeoutMs: STATEMENT_TIMEOUT_MS },
    };
    return withClient(options, (client) =>
      withClient(options, async (reader) => {
        const work = async () => {
          if (prelude !== null) await asPlatform(() => applyPrelude(client, prelude));
          const { apply, helper } = applierWithRoles(client);
          madeRole(helper);
          const read = await documentReader(reader, { migrator: connection.credentials.username });
          return use({ client, apply, read, server: await nameOf(reader) });
        };
        return unlessInterrupted(interrupted, work());
      }),
    );
  };
  interrupted.throwIfAborted();
  if (server === null) return withEmbeddedDatabase(inDatabase);
  return withServerDatabase(server, { context, texts: prelude === null ? texts : [prelude.sql, ...texts] }, inDatabase);
}

const MASTER = 'carthub_admin';
const DATABASE = 'carthub';
/** https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Appendix.PostgreSQL.CommonDBATasks.Roles.rds_superuser.html */
const ROLES = `
create role rds_superuser;
create role rds_replication;
create role rds_password;
create role rds_iam;
grant pg_monitor, pg_signal_backend, rds_replication, rds_password to rds_superuser with admin option;
grant set on parameter session_replication_role to rds_superuser;
create role ${MASTER} login createdb createrole in role rds_superuser`;

/** On a PostgreSQL of its own, where the migrating user has the rights of RDS's master user. */
function withEmbeddedDatabase<T>(use: (database: MadeDatabase) => Promise<T>): Promise<T> {
  return withThrowawayServer(async ({ port }) => {
    const at = (username: string, dbname: string): Credentials => {
      return { host: '127.0.0.1', port, username, password: '-', dbname };
    };
    const asSuperuser = (...statements: string[]) =>
      withClient(
        {
          ...{ credentials: at('postgres', 'postgres'), ca: null },
          ...{ applicationName: 'carthub-db', connectTimeoutMs: CONNECT_TIMEOUT_MS },
        },
        async (client) => {
          for (const statement of statements) await client.query(statement);
        },
      );
    await asSuperuser(ROLES, `create database ${DATABASE} owner ${MASTER}`);
    return use({
      connection: { credentials: at(MASTER, DATABASE), ca: null },
      async asPlatform(work) {
        await asSuperuser(`alter role ${MASTER} superuser`);
        const done = await work();
        await asSuperuser(`alter role ${MASTER} nosuperuser`);
        return done;
      },
      madeRole() {
        // Goes with the server.
      },
    });
  });
}

async function applyPrelude(client: Client, prelude: Applicable): Promise<void> {
  try {
    await apply(client, prelude);
  } catch (cause) {
    const { message, place } = toFault(cause);
    throw new PreludeError(`The prelude ${prelude.file} fails: ${message}`, {
      remedy: 'Correct it; on a server of your own its user needs the rights for what is in it.',
      cause,
      place,
    });
  }
}

async function nameOf(client: Client): Promise<string> {
  const { rows } = await client.query<{ server_version: string }>('show server_version');
  return `PostgreSQL ${rows[0]?.server_version ?? 'of unknown version'}`;
}
