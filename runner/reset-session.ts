import { DISCARD_BUT_LOCKS } from '../lib/postgres/discard.ts';
import { runText } from '../lib/postgres/simple-query.ts';
import { keepRunLockOnly } from './run-lock.ts';
import type { Session } from './session.ts';

/** Takes back whatever a file set in the session or locked for it, and sees that the run lock is still held. @throws RunLockLostError */
export async function resetSession(session: Session): Promise<void> {
  await runText(session.client, DISCARD_BUT_LOCKS);
  await keepRunLockOnly(session);
}
