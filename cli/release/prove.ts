import type { Client } from 'pg';
import * as z from 'zod/mini';
import { withThrowawayServer } from '../../embedded/throwaway.ts';
import { toFault } from '../../lib/errors.ts';
import type { ReleaseFile } from '../../lib/migrations/release.ts';
import { withClient } from '../../lib/postgres/connect.ts';
import { quoteIdentifier } from '../../lib/postgres/identifier.ts';
import { SqlError } from '../../lib/postgres/sql-error.ts';
import { fault } from '../../lib/runs/verdict.ts';
import { readDocument } from '../../lib/schema/describe.ts';
import type { SchemaDocument } from '../../lib/schema/document.ts';
import { digestOf, expectedSchemas, NO_SCHEMAS, withVersion } from '../../lib/schema/expected-schemas.ts';
import { unlessInterrupted } from '../interruption.ts';
import { apply } from './apply.ts';

/** What applying the files to an empty database has shown. */
export const proof = z.object({
  /** Digests by version, "0" included, up to the one that failed; null from there on. */
  expected: z.record(z.string(), z.nullable(z.string())),
  /** The schemas of which these are the digests. */
  schemas: expectedSchemas,
  failed: z.nullable(z.object({ file: z.string(), fault })),
});

export type Proof = z.infer<typeof proof>;

/** Changes when the same files might be proved otherwise: what is read of a schema, or what applies them. */
export const PROVED_BY = 'documents-1';

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

const CONNECT_TIMEOUT_MS = 10_000;
/** On an empty database nothing takes long; what waits for ever there must not keep the migration from its truth. */
const STATEMENT_TIMEOUT_MS = 120_000;

/** Applies the files to an empty database of a PostgreSQL of its own, by a user with the rights of RDS's master user. */
export function prove(files: readonly ReleaseFile[], interrupted: AbortSignal): Promise<Proof> {
  return withThrowawayServer(async ({ port }) => {
    const connect = <T>(username: string, dbname: string, use: (client: Client) => Promise<T>) =>
      withClient(
        {
          credentials: { host: '127.0.0.1', port, username, password: '-', dbname },
          applicationName: 'carthub-db',
          ca: null,
          connectTimeoutMs: CONNECT_TIMEOUT_MS,
          statementTimeoutMs: STATEMENT_TIMEOUT_MS,
        },
        use,
      );
    await connect('postgres', 'postgres', async (client) => {
      await client.query(ROLES);
      await client.query(`create database ${DATABASE} owner ${MASTER}`);
    });
    return connect(MASTER, DATABASE, (client) => unlessInterrupted(interrupted, applyAll(client, files)));
  });
}

async function applyAll(client: Client, files: readonly ReleaseFile[]): Promise<Proof> {
  const expected: Proof['expected'] = {};
  let schemas = NO_SCHEMAS;
  let before: SchemaDocument = new Map();
  const note = async (version: number) => {
    const after = await readDocument(client, {});
    schemas = withVersion(schemas, version, { before, after });
    expected[`${version}`] = digestOf(after);
    before = after;
  };
  await note(0);
  let failed: Proof['failed'] = null;
  for (const file of files) {
    if (failed === null) {
      try {
        await applyWithRoles(client, file);
        await note(file.version);
        continue;
      } catch (error) {
        failed = { file: file.file, fault: toFault(error) };
      }
    }
    expected[`${file.version}`] = null;
  }
  return { expected, schemas, failed };
}

/**
 * Applies a file and makes the roles that it names, as those are made outside of migrations, and a digest knows nothing of
 * grants and owners. Only of a file in one transaction, which leaves nothing when it fails.
 */
async function applyWithRoles(client: Client, file: ReleaseFile): Promise<void> {
  for (let made = 0; ; made += 1) {
    try {
      await apply(client, file);
      return;
    } catch (error) {
      const role = file.mode === 'transaction' && made < MOST_ROLES ? missingRole(error) : null;
      if (role === null) throw error;
      const name = quoteIdentifier(role);
      // To own a table one must be able to make one there.
      await client.query(`create role ${name} role ${MASTER}; grant create on schema public to ${name}`);
    }
  }
}

const MOST_ROLES = 50;

function missingRole(error: unknown): string | null {
  if (!(error instanceof SqlError) || error.sqlState !== UNDEFINED_OBJECT) return null;
  return /^role "(.+)" does not exist/.exec(error.message)?.[1] ?? null;
}

const UNDEFINED_OBJECT = '42704';
