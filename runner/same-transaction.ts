import type { ReleaseFile } from '../lib/migrations/release.ts';
import { placeOf } from '../lib/postgres/place.ts';
import { TransactionEscapedError } from './errors.ts';
import type { Session } from './session.ts';

/**
 * Sees that the transaction that began is the one that is open. Its xid tells more than the protocol's transaction status: a COMMIT and a BEGIN in
 * the file leave that as it was. Says whether the server counts rows.
 *
 * @throws TransactionEscapedError
 */
export async function verifySameTransaction(
  { client }: Session,
  file: ReleaseFile,
  xid: string,
): Promise<{ counted: boolean }> {
  const { rows } = await client.query<{ xid: string | null; counted: boolean }>(
    `select pg_current_xact_id_if_assigned()::text as xid, current_setting('track_counts')::boolean as counted`,
  );
  if (rows[0]?.xid === xid) return rows[0];
  throw new TransactionEscapedError(`${file.file} ended the transaction that the runner had begun.`, {
    remedy: 'Some of it may be committed: compare the schema, and remove the transaction control from the file.',
    place: placeOf(file.file),
  });
}
