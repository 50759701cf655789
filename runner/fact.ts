import { type Entry, writeEntry, writeHistory } from '../lib/journal/record.ts';
import type { ReleaseFile } from '../lib/migrations/release.ts';
import { type CommitEnd, commit } from './commit.ts';
import { ConnectionLostError } from './errors.ts';
import { isLost, rollback, type Session } from './session.ts';

/** A fact for the journal; with `whole`, the file is through with it and goes into the history in the same transaction. */
export type Fact = Entry & { whole?: { file: ReleaseFile; durationMs: number } };

/** `lost-committed`: it is written, but the session broke at it and is of no more use. `lost`: neither. */
export type Written = 'written' | 'lost-committed' | 'lost';

/**
 * Writes a fact in a transaction of its own.
 *
 * @throws FencedError; ConnectionLostError when nobody can say whether it is written
 */
export async function write(session: Session, fact: Fact): Promise<Written> {
  return toWritten(session, await record(session, fact), fact);
}

/** What the end of a fact's transaction means. @throws ConnectionLostError when nobody can say whether it is written */
export function toWritten(session: Session, end: CommitEnd, fact: Fact): Written {
  if (end === 'committed') return isLost(session, null) ? 'lost-committed' : 'written';
  if (end === 'rolledBack') return 'lost';
  throw new ConnectionLostError(
    `The connection was lost when the journal was told of statement ${fact.step} of ${fact.file.file} (${fact.state}), and the database did not answer since.`,
    {
      remedy: `Ask the journal when it answers: select * from carthub_db.journal where version = ${fact.file.version}`,
    },
  );
}

/**
 * A statement may call a function that changes the session: who we are, what we are called, and how our text is read must
 * be as at the connection's start for the journal and for the next statement. All other settings hold to the file's end.
 */
export const RESET_SESSION = `reset session authorization; reset role; reset application_name;
  reset client_encoding; reset standard_conforming_strings; reset backslash_quote`;

const BEGIN = `begin isolation level read committed read write; ${RESET_SESSION}`;

async function record(session: Session, fact: Fact): Promise<CommitEnd> {
  const { client, context } = session;
  const { whole, ...entry } = fact;
  let xid: string;
  try {
    await client.query(BEGIN);
    ({ xid } = await writeEntry(client, context.author, entry));
    if (whole) await writeHistory(client, context.author, whole.file, whole.durationMs);
  } catch (error) {
    if (isLost(session, error)) return 'rolledBack';
    await rollback(session);
    throw error;
  }
  return commit(session, xid);
}
