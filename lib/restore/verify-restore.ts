import type { ClientBase } from 'pg';
import * as z from 'zod/mini';
import { ServiceUnavailableError } from '../aws/transient.ts';
import { type Documents, putDocument } from '../documents/documents.ts';
import { raiseFence, readFence } from '../journal/fence.ts';
import { keys } from '../runs/keys.ts';
import { type DatabaseFacts, differenceOf, readFacts } from './copy-facts.ts';
import { CutoverOpenError, VerificationFailedError } from './cutover-errors.ts';
import { type CutoverJournal, readCutover } from './cutover-journal.ts';

type Found = NonNullable<CutoverJournal['found']>;

const REMEDY =
  'Nobody but us is let in yet. Look at the database by its own name; then finish with carthub-db restore --resume, or restore to another moment.';

/**
 * Looks at the database as the application will, by its secret: it is the copy, with the version, history and schema that it had before the names
 * changed hands, it takes a write and gives it back, and its token is ours.
 *
 * @param client by the application's own address
 * @throws VerificationFailedError, FencedError; ServiceUnavailableError while the name still leads to the old instance
 */
export async function verifyRestore(options: {
  client: ClientBase;
  documents: Documents;
  run: string;
  token: number;
  now: () => Date;
}): Promise<DatabaseFacts> {
  const { client, documents, run, token, now } = options;
  const stored = await readCutover(documents, run);
  const found = stored?.value.found ?? null;
  if (stored === null || found === null || stored.value.steps.renamedCopy === null) {
    throw new CutoverOpenError(`The cutover of ${run} is not done.`, { remedy: 'Cut over first.' });
  }
  const { mark, token: fenced, ...facts } = found;
  // Others may have written since then.
  if (stored.value.steps.admitted !== null) return facts;
  await refuseOldInstance(client, mark);
  await compareFacts(client, found);
  await compareToken(client, fenced);
  // The sweeper finishes under a token of its own.
  await raiseFence(client, token);
  await writeAndRead(client);
  if (stored.value.steps.verified !== null) return facts;
  const steps = { ...stored.value.steps, verified: now().toISOString() };
  await putDocument(documents, keys.restore.cutover(run), { ...stored.value, steps }, stored.etag);
  return facts;
}

/** Names of hosts are kept for a while wherever they were looked up. The old instance is not written to. */
async function refuseOldInstance(client: ClientBase, mark: string): Promise<void> {
  const { rows } = await client.query(
    `select to_regclass('carthub_db.heartbeat') is not null and (select at >= $1::timestamptz from carthub_db.heartbeat) as is_copy`,
    [mark],
  );
  if (z.object({ is_copy: z.literal(true) }).safeParse(rows[0]).success) return;
  throw new ServiceUnavailableError('The name of the database still leads to the old instance.', {
    remedy: 'Wait until its address is known everywhere, some minutes at most.',
  });
}

async function compareFacts(client: ClientBase, expected: Found): Promise<void> {
  const difference = differenceOf(expected, await readFacts(client));
  if (difference === null) return;
  throw new VerificationFailedError(`The restored database ${difference}.`, { remedy: REMEDY });
}

async function compareToken(client: ClientBase, token: number): Promise<void> {
  const fence = await readFence(client);
  if (fence !== null && fence >= token) return;
  throw new VerificationFailedError(`The restored database has the token ${fence}, not ${token}.`, { remedy: REMEDY });
}

async function writeAndRead(client: ClientBase): Promise<void> {
  const written = await client.query('update carthub_db.heartbeat set at = clock_timestamp() returning at::text as at');
  const read = await client.query('select at::text as at from carthub_db.heartbeat');
  const [before, after] = [written.rows[0]?.at, read.rows[0]?.at];
  if (typeof before === 'string' && before === after) return;
  throw new VerificationFailedError(`The restored database gave back ${after} where ${before} was written.`, {
    remedy: REMEDY,
  });
}
