import type { ClientBase } from 'pg';
import * as z from 'zod/mini';

export const WARNINGS = [
  'long transaction',
  'prepared transaction',
  'connections',
  'invalid index',
  'unused index',
  'duplicate index',
  'unlogged table',
  'table without a key',
  'replication lag',
  'idle replication slot',
  'subscription',
  'cron job',
  'TLS',
  'audit',
  'session setting',
  'own schema',
] as const;

/** Something about the database that a person should know before they change it or rely on a backup of it. It refuses nothing. */
export const warning = z.object({
  about: z.enum(WARNINGS),
  /** What it is about: a table, an index, a session; null for the database as a whole. */
  object: z.nullable(z.string()),
  message: z.string(),
  /** What can be done, with the statement where there is one. */
  remedy: z.string(),
});

export type Warning = z.infer<typeof warning>;

/** From when on something is worth a warning. */
export type Limits = {
  /** Age of a transaction, in seconds. */
  transactionSeconds: number;
  /** Connections in use, as a share of those that there may be. */
  connectionShare: number;
  /** How far a standby is behind, in bytes of WAL, and in seconds. */
  lagBytes: number;
  lagSeconds: number;
};

export const LIMITS: Limits = { transactionSeconds: 60, connectionShare: 0.8, lagBytes: 64 << 20, lagSeconds: 60 };

/** One small query, and what its rows mean. */
export type Look = { about: Warning['about']; read(client: ClientBase, limits: Limits): Promise<Warning[]> };

/** A look whose SQL gives a row for each thing to warn of. */
export function look<T extends z.core.$ZodShape>(options: {
  about: Warning['about'];
  sql: string;
  values?: (limits: Limits) => unknown[];
  row: T;
  tell: (row: z.infer<z.ZodMiniObject<T>>) => Omit<Warning, 'about'>;
}): Look {
  const { about, sql, values, tell } = options;
  const row = z.object(options.row);
  return {
    about,
    async read(client, limits) {
      const { rows } = await client.query(sql, values?.(limits) ?? []);
      return rows.map((one) => ({ about, ...tell(row.parse(one)) }));
    },
  };
}
