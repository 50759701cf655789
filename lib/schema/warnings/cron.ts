import * as z from 'zod/mini';
import { look } from './warning.ts';

const jobs = look({
  about: 'cron job',
  sql: `select jobid::text as id, schedule, username from cron.job where active and database = current_database() order by jobid`,
  row: { id: z.string(), schedule: z.string(), username: z.string() },
  tell: ({ id, schedule, username }) => ({
    object: `job ${id}`,
    message: `pg_cron runs job ${id} of ${username} by itself (${schedule}), also in a restored copy.`,
    remedy: `Before a restore: select cron.alter_job(${id}, active := false)`,
  }),
});

/** Jobs of pg_cron, where it is installed: it keeps them in a table of one database of the server. */
export const cronJobs: typeof jobs = {
  about: jobs.about,
  async read(client, limits) {
    const { rows } = await client.query<{ installed: boolean }>(
      `select to_regclass('cron.job') is not null as installed`,
    );
    return rows[0]?.installed ? jobs.read(client, limits) : [];
  },
};
