import * as z from 'zod/mini';
import { look } from './warning.ts';

/**
 * On Amazon RDS `rds.force_ssl` says whether TLS is forced
 * (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/PostgreSQL.Concepts.General.SSL.html). Elsewhere the access rules do, which only
 * superusers can read: then what is told is that TLS is off, or that some session goes without.
 */
export const tls = look({
  about: 'TLS',
  sql: `select setting, sessions from (
      select coalesce(current_setting('rds.force_ssl', true), case current_setting('ssl') when 'on' then 'on' else 'off' end) as setting,
        (select count(*)::integer from pg_stat_ssl s join pg_stat_activity a using (pid)
          where not s.ssl and a.client_addr is not null and not a.client_addr <<= '127.0.0.0/8' and a.client_addr <> '::1') as sessions
    ) tls where setting in ('0', 'off') or sessions > 0`,
  row: { setting: z.string(), sessions: z.int() },
  tell: ({ setting, sessions }) => ({
    object: null,
    message:
      sessions > 0
        ? `${sessions} ${sessions === 1 ? 'session of another machine speaks' : 'sessions of other machines speak'} to the server without TLS.`
        : `TLS is ${setting === '0' ? 'not forced' : 'off'}: passwords and rows travel in the open.`,
    remedy: 'Set rds.force_ssl = 1 in the parameter group, or write hostssl rules only.',
  }),
});

/** Who changed the schema, and when, is asked after every incident. */
export const audit = look({
  about: 'audit',
  sql: `select statements from (
      select current_setting('log_statement') as statements, coalesce(current_setting('pgaudit.log', true), '') as pgaudit
    ) audit where statements = 'none' and pgaudit in ('', 'none')`,
  row: { statements: z.string() },
  tell: () => ({
    object: null,
    message: 'Changes of the schema are not written down: log_statement is none, and pgaudit logs nothing.',
    remedy: `Set log_statement = 'ddl', or load pgaudit and set pgaudit.log = 'ddl, role'`,
  }),
});

/** What decides how a file is read and what it makes; a trial on another server does not know of it. */
const MATTER = [
  ...['search_path', 'role', 'session_replication_role', 'check_function_bodies', 'row_security', 'lc_monetary'],
  ...[
    'default_transaction_read_only',
    'default_transaction_isolation',
    'default_tablespace',
    'default_table_access_method',
  ],
  ...[
    'DateStyle',
    'IntervalStyle',
    'TimeZone',
    'standard_conforming_strings',
    'backslash_quote',
    'quote_all_identifiers',
  ],
];

/**
 * ALTER DATABASE and ALTER ROLE ... SET reach into every session that migrates. They are told and not compared: no dump of a
 * database has them, and so no copy.
 */
export const sessionSettings = look({
  about: 'session setting',
  sql: `select name, setting, case source when 'user' then 'its role' when 'database' then 'the database' else 'its role in the database' end as of
    from pg_settings where source in ('database', 'user', 'database user') and name = any ($1) order by name`,
  values: () => [MATTER],
  row: { name: z.string(), setting: z.string(), of: z.string() },
  tell: ({ name, setting, of }) => ({
    object: name,
    message: `Every session that migrates begins with ${name} = ${setting}, a setting of ${of}: a file may make something else here than where it was tried.`,
    remedy: `Name schemas in the files, or set it there; or take it away: ALTER ${of === 'the database' ? 'DATABASE' : 'ROLE'} ... RESET ${name}`,
  }),
});
