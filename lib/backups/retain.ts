import { type Documents, replaceDocument } from '../documents/documents.ts';
import { expire } from './expire.ts';
import type { Log } from './progress.ts';
import type { Policy } from './retention.ts';
import { type RetentionRecord, retentionKey } from './retention-record.ts';

export type Retained = {
  blocked: string | null;
  expired: number;
  orphans: number;
  freedBytes: number;
  refused: number;
};

/**
 * Removes what has expired after a run that made and verified a backup, and writes down what and by which policy: that is what
 * `carthub-db backups` foretells by, and whose age tells that this has stopped.
 *
 * @throws what {@link expire} throws
 */
export async function expireAndRecord(options: {
  documents: Documents;
  database: string;
  run: string;
  policy: Policy;
  log: Log;
  now: () => Date;
}): Promise<Retained> {
  const { documents, database, run, policy, log, now } = options;
  const { kept: _, ...done } = await expire({ documents, policy, lastRun: 'succeeded', dryRun: false, log, now });
  const made: RetentionRecord = { format: 1, database, run, at: now().toISOString(), policy, ...done };
  await replaceDocument(documents, retentionKey(database), made);
  const { blocked, expired, orphans, freedBytes, refused } = done;
  log(refused.length > 0 ? 'warning' : 'info', 'backups-expired', { blocked, freedBytes, refused: refused.length });
  return { blocked, expired: expired.length, orphans: orphans.length, freedBytes, refused: refused.length };
}
