import * as z from 'zod/mini';
import { look } from './warning.ts';

/** The statement of the other session is not shown: it may hold what is nobody's business. */
export const longTransactions = look({
  about: 'long transaction',
  sql: `select pid, coalesce(usename, '?') as "user", coalesce(application_name, '') as application, coalesce(state, '?') as state,
      extract(epoch from clock_timestamp() - xact_start)::integer as seconds
    from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'
      and xact_start < clock_timestamp() - make_interval(secs => $1)
    order by xact_start`,
  values: ({ transactionSeconds }) => [transactionSeconds],
  row: { pid: z.int(), user: z.string(), application: z.string(), state: z.string(), seconds: z.int() },
  tell: ({ pid, user, application, state, seconds }) => ({
    object: `pid ${pid}`,
    message: `A transaction of ${user}${application ? ` (${application})` : ''} is open for ${seconds} s, ${state}. A migration waits for its locks.`,
    remedy: `Let it end, or end it: select pg_terminate_backend(${pid})`,
  }),
});

export const preparedTransactions = look({
  about: 'prepared transaction',
  sql: `select gid, quote_literal(gid) as literal, owner::text as owner, extract(epoch from clock_timestamp() - prepared)::integer as seconds
    from pg_prepared_xacts where database = current_database() order by prepared`,
  row: { gid: z.string(), literal: z.string(), owner: z.string(), seconds: z.int() },
  tell: ({ gid, literal, owner, seconds }) => ({
    object: gid,
    message: `A transaction that ${owner} prepared ${seconds} s ago waits for its second phase. It holds its locks until then, and commits by nobody's session.`,
    remedy: `Ask its coordinator, then: COMMIT PREPARED ${literal} or ROLLBACK PREPARED ${literal}`,
  }),
});

/** Of the whole server; the places that are kept for superusers are not for us. */
export const connections = look({
  about: 'connections',
  sql: `select used, usable from (
      select (select count(*)::integer from pg_stat_activity where backend_type = 'client backend') as used,
        current_setting('max_connections')::integer - current_setting('superuser_reserved_connections')::integer as usable
    ) connections where used >= usable * $1::float8`,
  values: ({ connectionShare }) => [connectionShare],
  row: { used: z.int(), usable: z.int() },
  tell: ({ used, usable }) => ({
    object: null,
    message: `${used} of ${usable} connections are in use.`,
    remedy: 'Close idle ones, or raise max_connections: a migration and its checks need a few.',
  }),
});
