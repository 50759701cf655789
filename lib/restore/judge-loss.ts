import { PutObjectCommand } from '@aws-sdk/client-s3';
import { type Documents, replaceDocument } from '../documents/documents.ts';
import type { Finding } from '../lost-writes/finding.ts';
import { renderLoss } from '../lost-writes/render-loss.ts';
import type { Survey } from '../lost-writes/table.ts';
import { keys } from '../runs/keys.ts';
import { readAcceptance } from './acceptance.ts';
import { checkFreeze, type FreezeDocument, readFreeze } from './freeze-document.ts';
import { readJudgedWrites } from './judged-writes.ts';
import { type Accepted, judgeLoss, lossOf } from './loss.ts';
import { type LossDocument, readLoss } from './loss-document.ts';
import { LossNotAcceptedError, ReplayConflictError } from './loss-errors.ts';
import type { RestoreOptions } from './order.ts';
import type { RestorePlan } from './plan.ts';

export type LossVerdict = { done: boolean; waitSeconds: number; decision: 'replay' | 'accepted' | 'wait' };

export type JudgeLossOptions = {
  documents: Documents;
  plan: RestorePlan;
  options: Pick<RestoreOptions, 'acceptLoss' | 'acceptWindowSeconds'>;
  /** A migration that failed puts the database back: nobody is there to be asked. */
  isAutomatic: boolean;
  now: () => Date;
};

/** How often a word is looked for: the application is stopped meanwhile. */
const WAIT_SECONDS = 5;
/** What of the freeze is left, when a word comes at the last moment, to replay and to begin the exchange. */
const RESERVE_MS = 60_000;

/**
 * Says what would be lost, and whether the restore may go on with that: call it until it is done. While a person may still say so it waits, and
 * looks for their word anew each time. The rows that are lost are kept, one a line.
 *
 * @throws LossNotAcceptedError when nobody agreed in time; ReplayConflictError where nobody is asked; FreezeExpiredError
 */
export async function decideLoss(given: JudgeLossOptions): Promise<LossVerdict> {
  const { documents, plan, options, isAutomatic, now } = given;
  const frozen = (await readFreeze(documents, plan.run))?.value ?? null;
  const known = await readLoss(documents, plan.run);
  // Silence has a name of its own, also when the freeze ends before it is looked for again.
  if (known?.waitsUntil && now().getTime() >= Date.parse(known.waitsUntil)) await checkWord(given, known);
  const freeze = checkFreeze(frozen, now());
  const loss = known ?? (await makeLoss(given, freeze));
  const decision = judgeLoss({ loss, accept: await acceptedFor(given) });
  if (decision === 'replay' || decision === 'accepted') {
    if (loss.waitsUntil !== null) await keep(documents, { ...loss, waitsUntil: null });
    return { done: true, waitSeconds: 0, decision };
  }
  if (isAutomatic) throw conflicting(loss);
  const until = Date.parse(loss.waitsUntil ?? loss.at);
  const left = until - now().getTime();
  if (decision === 'refused' || left <= 0) throw notAccepted(loss, decision === 'refused', options.acceptWindowSeconds);
  return { done: false, waitSeconds: Math.max(1, Math.min(WAIT_SECONDS, Math.ceil(left / 1000))), decision };
}

/** @throws LossNotAcceptedError */
async function checkWord(given: JudgeLossOptions, loss: LossDocument): Promise<void> {
  const decision = judgeLoss({ loss, accept: await acceptedFor(given) });
  if (decision === 'replay' || decision === 'accepted') return;
  throw notAccepted(loss, decision === 'refused', given.options.acceptWindowSeconds);
}

/** A later word counts in place of what the restore began with. */
export async function acceptedFor({
  documents,
  plan,
  options,
}: Pick<JudgeLossOptions, 'documents' | 'plan' | 'options'>): Promise<Accepted> {
  return (await readAcceptance(documents, plan.run))?.tables ?? options.acceptLoss;
}

async function makeLoss(given: JudgeLossOptions, freeze: FreezeDocument): Promise<LossDocument> {
  const { documents, plan, options, isAutomatic, now } = given;
  const { survey, classification } = await readJudgedWrites(documents, plan.run);
  const { lost, ...found } = lossOf(classification, { survey, order: plan.order });
  const told = withWriters(found, freeze.listed);
  const at = now();
  const end = Date.parse(freeze.until);
  const reserve = Math.min(RESERVE_MS, (end - Date.parse(freeze.since)) / 10);
  const until = Math.min(at.getTime() + options.acceptWindowSeconds * 1000, end - reserve);
  const accept = await acceptedFor(given);
  const isWaiting = !isAutomatic && judgeLoss({ loss: told, accept }) === 'wait';
  const waitsUntil = isWaiting ? new Date(until).toISOString() : null;
  const loss = { format: 1 as const, run: plan.run, at: at.toISOString(), ...told, waitsUntil };
  if (lost.length > 0) await keepRows(documents, plan.run, survey, lost);
  await keep(documents, loss);
  return loss;
}

/** No freeze stops what writes by itself: what it wrote since the last look is in no count. */
function withWriters<T extends Pick<LossDocument, 'nothing' | 'beside'>>(told: T, listed: readonly string[]): T {
  if (listed.length === 0) return told;
  const writers = listed.map((what) => `${what} may have written after the rows were counted.`);
  return { ...told, nothing: false, beside: [...told.beside, ...writers] };
}

function keep(documents: Documents, loss: LossDocument): Promise<void> {
  return replaceDocument(documents, keys.restore.loss(loss.run), loss);
}

async function keepRows({ s3, bucket }: Documents, run: string, survey: Survey, lost: Finding[]): Promise<void> {
  const Body = inBytes(() => renderLoss(survey, lost).lines);
  await s3.send(
    new PutObjectCommand({ Bucket: bucket, Key: keys.restore.lost(run), Body, ContentType: 'application/jsonl' }),
  );
}

/** No string is as long as a large loss, and the rows are held beside it: so they are rendered twice, and kept once. */
function inBytes(render: () => Iterable<string>): Uint8Array {
  let size = 0;
  for (const line of render()) size += Buffer.byteLength(line) + 1;
  const bytes = Buffer.allocUnsafe(size);
  let at = 0;
  for (const line of render()) at += bytes.write(`${line}\n`, at);
  return bytes;
}

function conflicting(loss: LossDocument): ReplayConflictError {
  return new ReplayConflictError(
    `Not all that others wrote can be given to the copy, or that is not proved: ${summary(loss)}.`,
    {
      remedy: `See ${keys.restore.loss(loss.run)} for what is open, as SQL to run on the copy. Then finish it: carthub-db restore --resume ${loss.run} --accept-loss ${wanted(loss)} --reason TEXT`,
    },
  );
}

function notAccepted(loss: LossDocument, isRefused: boolean, windowSeconds: number): LossNotAcceptedError {
  const why = isRefused ? 'It was said that it may not' : `Nobody said within ${windowSeconds} seconds that it may`;
  return new LossNotAcceptedError(`What others wrote would be lost: ${summary(loss)}. ${why}.`, {
    remedy: `Look at ${keys.restore.loss(loss.run)}. Then go on with the same copy: carthub-db restore --resume ${loss.run} --accept-loss ${wanted(loss)} --reason TEXT`,
  });
}

const NAMED = 5;

function summary({ tables, beside }: LossDocument): string {
  const open = tables.flatMap(({ table, lost, doubts }) =>
    lost === null ? [`${table} (${doubts[0] ?? 'not countable'})`] : lost > 0 ? [`${lost} rows of ${table}`] : [],
  );
  const all = [...open, ...beside];
  const more = all.length - NAMED;
  return [...all.slice(0, NAMED), ...(more > 0 ? [`and ${more} more`] : [])].join(', ');
}

function wanted({ tables, beside }: LossDocument): string {
  if (beside.length > 0 || tables.some(({ lost }) => lost === null)) return 'all';
  return tables.flatMap(({ table, lost }) => (lost ? [`${table}=${lost}`] : [])).join(',');
}
