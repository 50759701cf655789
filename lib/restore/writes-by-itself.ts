import type { ClientBase } from 'pg';
import * as z from 'zod/mini';

/**
 * pg_cron's jobs connect from the machine itself, and whose they are is hidden by row security from all but a superuser: that it runs
 * is all that can be known. Its launcher is there in one database only, its schema in that one. The columns of
 * pg_subscription that are asked for may be read by everybody.
 */
const QUERY = `
select 'pg_cron' as what where current_setting('cron.database_name', true) is not null
  or exists (select from pg_extension where extname = 'pg_cron')
  or exists (select from pg_stat_activity where backend_type like 'pg_cron%')
union all
select format('subscription %I in database %I', s.subname, d.datname)
from pg_subscription s join pg_database d on d.oid = s.subdbid where s.subenabled
union all
select format('prepared transaction %L in database %I', gid, database) from pg_prepared_xacts
order by 1`;

/**
 * What changes this server without anybody connecting from outside: jobs, subscriptions, and transactions that wait for their second
 * word. No security group stops it.
 */
export async function readWritesByItself(client: ClientBase): Promise<string[]> {
  const { rows } = await client.query(QUERY);
  return rows.map((row) => z.object({ what: z.string() }).parse(row).what);
}
