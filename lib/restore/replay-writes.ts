import type { ClientBase } from 'pg';
import * as z from 'zod/mini';
import { type Documents, putDocument, readDocument, replaceDocument } from '../documents/documents.ts';
import { raiseFence } from '../journal/fence.ts';
import type { Finding } from '../lost-writes/finding.ts';
import { replay, replayCursor } from '../lost-writes/replay.ts';
import { CREATE_OWN_TABLES } from '../postgres/tables.ts';
import { keys } from '../runs/keys.ts';
import type { WithSides } from './both-sides.ts';
import { checkFreeze, readFreeze } from './freeze-document.ts';
import { acceptedFor, type JudgeLossOptions } from './judge-loss.ts';
import { type JudgedWrites, readJudgedWrites } from './judged-writes.ts';
import { judgeLoss, replays } from './loss.ts';
import { readLoss } from './loss-document.ts';
import { LossNotAcceptedError, ReplayConflictError } from './loss-errors.ts';

export type ReplayingWrites = {
  done: boolean;
  waitSeconds: number;
  /** Rows of others that the copy gets. */
  rows: number;
};

const replayDocument = z.object({ format: z.literal(1), run: z.string(), token: z.int(), cursor: replayCursor });

export type ReplayWritesOptions = Omit<JudgeLossOptions, 'isAutomatic'> & {
  withSides: WithSides;
  /** Of the lease: nothing that carries a smaller one commits on the copy from here on. */
  token: number;
  /** How long to replay in one call; 4 minutes unless said. */
  maxMs?: number;
};

/**
 * Gives the copy the rows that others wrote and that are proved, and asks it whether it has them all and its constraints hold: a slice a call, until it is
 * done. Done again it changes nothing. What the copy refuses ends it: the copy serves nobody yet, and the old instance goes on.
 *
 * @throws ReplayConflictError, LossNotAcceptedError, FencedError, ReplayNotPermittedError, FreezeExpiredError
 */
export async function replayWrites(options: ReplayWritesOptions): Promise<ReplayingWrites> {
  const { documents, withSides, plan, token, now, maxMs } = options;
  const { run, order } = plan;
  checkFreeze((await readFreeze(documents, run))?.value ?? null, now());
  await checkAgreed(options);
  const { survey, tallies, findings } = replays(order) ? await readReplayable(documents, run) : NOTHING;
  const key = keys.restore.replay(run);
  const stored = await readDocument(documents, key, replayDocument);
  const before = stored?.value.token === token ? stored.value.cursor : null;
  if (before?.phase === 'done') return { done: true, waitSeconds: 0, rows: findings.length };
  const slice = await withSides(async ({ live, copy }) => {
    if (before === null) await raise(copy, token);
    const bounds = maxMs === undefined ? {} : { maxMs };
    return replay({ ...{ live, copy, survey, findings, tallies, token, cursor: before, now }, ...bounds });
  });
  const problems = [
    ...slice.refused.map(({ table, key, reason }) => `${table} (${key.join(', ')}): ${reason}`),
    ...slice.broken,
  ];
  if (problems.length > 0) throw await conflict(documents, run, problems);
  await putDocument(documents, key, { format: 1, run, token, cursor: slice.cursor }, stored?.etag ?? null);
  const done = slice.cursor.phase === 'done';
  return { done, waitSeconds: done ? 0 : 1, rows: findings.length };
}

type Replayable = Pick<JudgedWrites, 'survey' | 'tallies'> & { findings: readonly Finding[] };

/** Where nothing is given back nothing is read: it may be more than there is memory for. */
const NOTHING: Replayable = {
  survey: { tables: [], sequences: [], largeObjects: null, notes: [] },
  ...{ tallies: {}, findings: [] },
};

async function readReplayable(documents: Documents, run: string): Promise<Replayable> {
  const { survey, tallies, classification } = await readJudgedWrites(documents, run);
  return { survey, tallies, findings: classification.replayable };
}

/** A word may have been taken back since it was read. @throws LossNotAcceptedError */
async function checkAgreed(options: ReplayWritesOptions): Promise<void> {
  const { documents, plan } = options;
  const loss = await readLoss(documents, plan.run);
  const decision = loss && judgeLoss({ loss, accept: await acceptedFor(options) });
  if (decision === 'replay' || decision === 'accepted') return;
  throw new LossNotAcceptedError('What others wrote would be lost, and nobody agreed to that.', {
    remedy: `Look at ${keys.restore.loss(plan.run)}.`,
  });
}

/** A copy of before our first run has none of our tables. @throws FencedError */
async function raise(copy: ClientBase, token: number): Promise<void> {
  await copy.query(CREATE_OWN_TABLES);
  await raiseFence(copy, token);
}

async function conflict(documents: Documents, run: string, problems: readonly string[]): Promise<ReplayConflictError> {
  const loss = await readLoss(documents, run);
  const told = problems.slice(0, 20).map((problem) => `The copy did not take it: ${problem}`);
  if (loss)
    await replaceDocument(documents, keys.restore.loss(run), {
      ...loss,
      nothing: false,
      notes: [...loss.notes, ...told],
    });
  return new ReplayConflictError(`The copy does not take all that others wrote: ${problems.slice(0, 5).join('; ')}.`, {
    remedy: `The old instance goes on. Look at ${keys.restore.loss(run)}, and restore to another moment: carthub-db restore --plan`,
  });
}
