/** The five characters of https://www.postgresql.org/docs/15/errcodes-appendix.html when the server itself reported `error`. */
export function sqlState(error: unknown): string | null {
  if (!(error instanceof Error) || !('code' in error) || !('severity' in error)) return null;
  return typeof error.code === 'string' && /^[0-9A-Z]{5}$/.test(error.code) ? error.code : null;
}

/** invalid_authorization_specification, invalid_password, invalid_catalog_name (no such database), insufficient_privilege */
export const AUTHENTICATION_REFUSED: ReadonlySet<string> = new Set(['28000', '28P01', '3D000', '42501']);

/** too_many_connections */
export const NO_CAPACITY: ReadonlySet<string> = new Set(['53300']);

/** protocol_violation: how a pooler answers settings that only a real session can have */
export const NOT_A_SERVER: ReadonlySet<string> = new Set(['08P01']);

/** cannot_connect_now: starting, stopping or recovering */
export const NOT_YET_UP: ReadonlySet<string> = new Set(['57P03']);

/** admin_shutdown, crash_shutdown, database_dropped, idle_session_timeout, idle_in_transaction_session_timeout: the session is gone with it */
const SESSION_ENDED: ReadonlySet<string> = new Set(['57P01', '57P02', '57P04', '57P05', '25P03']);

/**
 * Whether the session is over with `error`, so that the server's answer to what was under way is not known.
 * An error that the server reported for a statement leaves the session alive and is the answer.
 */
export function endsSession(error: unknown): boolean {
  const state = sqlState(error);
  if (state === null) return true;
  const severity = error instanceof Error && 'severity' in error ? error.severity : null;
  return SESSION_ENDED.has(state) || severity === 'FATAL' || severity === 'PANIC';
}

/** lock_not_available: lock_timeout passed */
export const LOCK_NOT_AVAILABLE = '55P03';

/** unique_violation in a catalog, duplicate_table, duplicate_schema: two sessions made the same object at once */
export const MADE_MEANWHILE: ReadonlySet<string> = new Set(['23505', '42P07', '42P06']);
