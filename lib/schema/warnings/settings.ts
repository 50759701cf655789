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
