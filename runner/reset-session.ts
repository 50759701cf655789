import { runText } from '../lib/postgres/simple-query.ts';
import { keepRunLockOnly } from './run-lock.ts';
import type { Session } from './session.ts';

/**
 * DISCARD ALL but for its last part, which would give up the run lock with all others
 * (https://www.postgresql.org/docs/15/sql-discard.html). RESET ALL goes back to what the connection began with.
 */
const RESET = `
close all;
reset session authorization;
reset role;
reset all;
deallocate all;
unlisten *;
discard plans;
discard temp;
discard sequences`;

/** Takes back whatever a file set in the session or locked for it, and sees that the run lock is still held. @throws RunLockLostError */
export async function resetSession(session: Session): Promise<void> {
  await runText(session.client, RESET);
  await keepRunLockOnly(session);
}
