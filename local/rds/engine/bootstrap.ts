import { EmbeddedPostgresError } from '../../../embedded/errors.ts';
import { createCluster } from '../../../embedded/server.ts';
import { spawnProgram } from '../../../embedded/spawn.ts';
import { RDSADMIN } from '../secret.ts';
import { bringToDisk } from './durability.ts';

export type Bootstrap = {
  folder: string;
  processes: string;
  installation: string;
  /** SCRAM verifiers, not passwords. */
  rdsadmin: string;
  master: { name: string; verifier: string };
  database: string | null;
};

/**
 * A new cluster with RDS's roles and databases in it, synced to disk. It is filled in single-user mode, so that nothing
 * listens on any port before the access rules are in place.
 */
export async function bootstrap(options: Bootstrap): Promise<void> {
  const { folder, processes, installation } = options;
  await createCluster(folder, { superuser: RDSADMIN, processes });
  // Not synced as it goes, but as a whole afterwards; verifiers stay out of the log.
  const settings = { exit_on_error: 'on', fsync: 'off', wal_level: 'minimal', max_wal_senders: '0' };
  const quiet = { log_checkpoints: 'off', log_min_error_statement: 'panic' };
  const single = await spawnProgram({
    program: 'postgres',
    args: [
      ...['--single', '-j', '-D', folder],
      ...Object.entries({ ...settings, ...quiet }).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
      'postgres',
    ],
    installation,
    processes,
    // A blank line ends a statement.
    input: statements(options)
      .map((sql) => `${sql};\n\n`)
      .join(''),
  });
  if ((await single.exited) !== 0) throw failure(folder, single.said);
  await bringToDisk(folder);
}

function failure(folder: string, said: string[]): EmbeddedPostgresError {
  return new EmbeddedPostgresError(`The new cluster in ${folder} could not be set up:\n${said.join('\n')}`, {
    remedy: 'Read its last lines above.',
  });
}

/**
 * Roles as on RDS (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Appendix.PostgreSQL.CommonDBATasks.Roles.rds_superuser.html):
 * the master user is no superuser, and rds_superuser may neither read every table nor any file.
 */
function statements({ rdsadmin, master, database }: Bootstrap): string[] {
  const name = identifier(master.name);
  return [
    `alter role ${RDSADMIN} password '${rdsadmin}' valid until 'infinity'`,
    'create role rds_superuser nologin',
    'create role rds_replication nologin',
    'create role rds_password nologin',
    'create role rds_iam nologin',
    'grant pg_monitor, pg_signal_backend, rds_replication, rds_password to rds_superuser with admin option',
    'grant set on parameter session_replication_role to rds_superuser',
    `create role ${name} login createdb createrole password '${master.verifier}' valid until 'infinity'`,
    `grant rds_superuser to ${name}`,
    `create database ${RDSADMIN} strategy file_copy`,
    `revoke all on database ${RDSADMIN} from public`,
    `alter database postgres owner to ${name}`,
    `alter database template1 owner to ${name}`,
    // Its public schema belongs to pg_database_owner, of which the owner is the only member.
    ...(database === null || database === 'postgres'
      ? []
      : [`create database ${identifier(database)} owner ${name} strategy file_copy`]),
  ];
}

function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
