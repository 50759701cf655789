import type { ClientBase } from 'pg';
import { sqlState } from '../../postgres/sql-state.ts';
import { cronJobs } from './cron.ts';
import { duplicateIndexes, invalidIndexes, unusedIndexes } from './indexes.ts';
import { ownSchema } from './own-schema.ts';
import { idleSlots, replicationLag, subscriptions } from './replication.ts';
import { connections, longTransactions, preparedTransactions } from './sessions.ts';
import { audit, sessionSettings, tls } from './settings.ts';
import { tablesWithoutKey, unloggedTables } from './tables.ts';
import { LIMITS, type Limits, type Look, type Warning } from './warning.ts';

const LOOKS: readonly Look[] = [
  ...[longTransactions, preparedTransactions, connections],
  ...[invalidIndexes, unusedIndexes, duplicateIndexes, unloggedTables, tablesWithoutKey],
  ...[replicationLag, idleSlots, subscriptions, cronJobs],
  ...[tls, audit, sessionSettings, ownSchema],
];

/** insufficient_privilege */
const NOT_ALLOWED = '42501';

/**
 * Everything about the database that is worth a warning. One small query each, outside of a transaction: what may not be looked at is a warning
 * itself, and stops none of the others.
 */
export async function readWarnings(client: ClientBase, limits: Partial<Limits> = {}): Promise<Warning[]> {
  const warnings: Warning[] = [];
  for (const look of LOOKS) warnings.push(...(await readOne(client, look, { ...LIMITS, ...limits })));
  return warnings;
}

async function readOne(client: ClientBase, look: Look, limits: Limits): Promise<Warning[]> {
  try {
    return await look.read(client, limits);
  } catch (error) {
    if (sqlState(error) !== NOT_ALLOWED || !(error instanceof Error)) throw error;
    const message = `Nobody knows whether there is something to say here: ${error.message}.`;
    return [{ about: look.about, object: null, message, remedy: 'Let a role look that may: grant pg_monitor to it.' }];
  }
}
