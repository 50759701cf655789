import { type Entry, writeEntry, writeHistory } from '../lib/journal/record.ts';
import type { ReleaseFile } from '../lib/migrations/release.ts';
import { type CommitEnd, commit } from './commit.ts';
import { isLost, rollback, type Session } from './session.ts';

/** A fact for the journal; with `whole`, the file is through with it and goes into the history in the same transaction. */
export type Fact = Entry & { whole?: { file: ReleaseFile; durationMs: number } };

/**
 * Commits a fact in a transaction of its own.
 *
 * @returns how that ended when the connection was lost at it; then the session is of no more use
 * @throws FencedError
 */
export async function record(session: Session, fact: Fact): Promise<CommitEnd> {
  const { client, context } = session;
  const { whole, ...entry } = fact;
  let xid: string;
  try {
    await client.query('begin isolation level read committed read write');
    xid = await writeEntry(client, context.author, entry);
    if (whole) await writeHistory(client, context.author, whole.file, whole.durationMs);
  } catch (error) {
    if (isLost(session, error)) return 'rolledBack';
    await rollback(session);
    throw error;
  }
  return commit(session, xid);
}
