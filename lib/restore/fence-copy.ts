import type { ClientBase } from 'pg';
import * as z from 'zod/mini';
import { raiseFence } from '../journal/fence.ts';
import { CREATE_OWN_TABLES } from '../postgres/tables.ts';
import { readFacts } from './copy-facts.ts';
import type { CutoverJournal } from './cutover-journal.ts';
import { addressOf, type WithInstance } from './instance-access.ts';
import type { ObservedInstance } from './observe-instance.ts';
import type { RestorePlan } from './plan.ts';
import { checkFacts } from './validate-copy.ts';

/**
 * Raises the token on the copy, whose own is as old as its moment: a Job that was paused since, and finds the database again by its name, commits
 * nothing there. What the copy holds is read once more, and its heartbeat gets a mark.
 *
 * @throws FencedError, CopyInvalidError
 */
export async function fenceCopy(
  { withInstance, plan, token }: { withInstance: WithInstance; plan: RestorePlan; token: number },
  { endpoint, masterSecretArn }: ObservedInstance,
): Promise<CutoverJournal['found']> {
  if (endpoint === null) return null;
  return withInstance(addressOf({ endpoint, masterSecretArn }), async (client) => {
    const facts = checkFacts(await readFacts(client), plan);
    return { ...facts, mark: await raise(client, token), token };
  });
}

/** A copy of before our first run has none of our tables. */
async function raise(client: ClientBase, token: number): Promise<string> {
  try {
    await client.query('begin');
    await client.query(CREATE_OWN_TABLES);
    await raiseFence(client, token);
    const { rows } = await client.query(
      'update carthub_db.heartbeat set at = clock_timestamp() returning at::text as mark',
    );
    await client.query('commit');
    return z.object({ mark: z.string() }).parse(rows[0]).mark;
  } catch (error) {
    await client.query('rollback');
    throw error;
  }
}
