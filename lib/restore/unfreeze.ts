import type { RDSClient } from '@aws-sdk/client-rds';
import { type Documents, putDocument, readIfReadable } from '../documents/documents.ts';
import { keys } from '../runs/keys.ts';
import { exchangeGroups } from './change-instance.ts';
import { CutoverOpenError } from './cutover-errors.ts';
import { type CutoverJournal, readCutover } from './cutover-journal.ts';
import { type FreezeDocument, readFreeze } from './freeze-document.ts';
import { addressOf, type WithInstance } from './instance-access.ts';
import { hasGroups, type ObservedInstance, observeExisting } from './observe-instance.ts';
import { restorePlan } from './plan.ts';
import { withinTime } from './within-time.ts';

export type UnfreezeProgress = {
  done: boolean;
  waitSeconds: number;
  startedAt: string;
  /** Whether the groups were ever seen to be taken. */
  taken: boolean;
};

type Told = Pick<UnfreezeProgress, 'done' | 'waitSeconds'> & { taken?: boolean };

type Options = {
  rds: RDSClient;
  documents: Documents;
  withInstance: WithInstance;
  run: string;
  progress: Pick<UnfreezeProgress, 'startedAt' | 'taken'> | null;
  now: () => Date;
};

const MAX_SECONDS = 3600;
const LATER = { done: false, waitSeconds: 5 };
/** After it was said that names, or groups, are exchanged, a function that has ended by now may have called RDS for so long. */
const IN_FLIGHT_MS = 120_000;

/**
 * Lets the application in again: the security groups that the freeze wrote down are given back, and when they are in force the instance has
 * answered once. Where nothing is frozen yet, nothing will be. A cutover that has not exchanged names is given up for good first, so that nobody goes on with it later.
 *
 * @throws CutoverOpenError when names have begun to change hands: from there the way is forward, or back by the cutover itself
 */
export async function unfreeze(options: Options): Promise<UnfreezeProgress> {
  const { progress, now } = options;
  const { taken = progress?.taken ?? false, ...told } = await goOn(options);
  if (told.done) return { ...told, taken, startedAt: progress?.startedAt ?? now().toISOString() };
  const startedAt = withinTime({
    startedAt: progress?.startedAt ?? null,
    now: now(),
    seconds: MAX_SECONDS,
    what: 'Lifting the freeze',
  });
  return { ...told, taken, startedAt };
}

async function goOn(options: Options): Promise<Told> {
  const { rds, documents, withInstance, run, progress, now } = options;
  const stored = await readFreeze(documents, run);
  if (stored === null) return { done: await forestall(options), waitSeconds: 0 };
  if (stored.value.thawed !== null) return { done: true, waitSeconds: 0 };
  const frozen = stored.value;
  const instance = await observeExisting(rds, frozen.resourceId, 'frozen');
  const taken = progress?.taken || !hasGroups(instance, frozen.groups);
  if (!(await giveUpCutover(options, instance))) return { ...LATER, taken };
  if (frozen.lifted === null) {
    await replace(documents, { ...frozen, lifted: now().toISOString() }, stored.etag);
    return { done: false, waitSeconds: 0, taken };
  }
  const { endpoint, masterSecretArn } = instance;
  if (!(await exchangeGroups(rds, instance, frozen.groups)) || endpoint === null) return { ...LATER, taken };
  // Where nobody has seen them taken yet, the call that takes them may be on its way to RDS, from a function that has outlived its workflow.
  if (!taken && now().getTime() - Date.parse(frozen.since) < IN_FLIGHT_MS)
    return { done: false, waitSeconds: 15, taken };
  await withInstance(addressOf({ endpoint, masterSecretArn }), (client) => client.query('select'));
  const isWritten = await replace(documents, { ...frozen, thawed: now().toISOString() }, stored.etag);
  return isWritten ? { done: true, waitSeconds: 0, taken } : { ...LATER, taken };
}

/**
 * A function that was called before its workflow was stopped goes on, and may be about to freeze the database, when nobody is there to lift that: what it
 * would write first is there then, and says that it is over.
 */
async function forestall({ documents, run, now }: Options): Promise<boolean> {
  const { value: plan } = await readIfReadable(documents, keys.restore.plan(run), restorePlan);
  if (plan === null) return true;
  const at = now().toISOString();
  const { resourceId, groups } = plan.source;
  const over = {
    format: 1 as const,
    run,
    resourceId,
    groups,
    listed: [],
    since: at,
    until: at,
    lifted: at,
    thawed: at,
  };
  return putDocument(documents, keys.restore.freeze(run), over, null);
}

function replace(documents: Documents, frozen: FreezeDocument, etag: string): Promise<boolean> {
  return putDocument(documents, keys.restore.freeze(frozen.run), frozen, etag);
}

/** Whoever writes the cutover's journal first decides: a cutover that finds it given up exchanges no names. */
async function giveUpCutover(
  { documents, run, now }: Options,
  { identifier, nextIdentifier, status }: ObservedInstance,
): Promise<boolean> {
  const stored = await readCutover(documents, run);
  if (stored === null || stored.value.reversed !== null) return true;
  const { value: journal, etag } = stored;
  if (identifier !== journal.name || nextIdentifier !== null || status === 'renaming') throw open(journal, identifier);
  const { doing } = journal;
  if (doing?.step === 'exchange' && now().getTime() - Date.parse(doing.at) < IN_FLIGHT_MS) return false;
  const reversed: CutoverJournal = { ...journal, doing: null, reversed: now().toISOString() };
  return putDocument(documents, keys.restore.cutover(run), reversed, etag);
}

function open({ name, run }: CutoverJournal, identifier: string): CutoverOpenError {
  return new CutoverOpenError(`${name} is changing hands: the instance that had this name is now ${identifier}.`, {
    remedy: `The sweeper finishes it. By hand, forward or back: carthub-db restore --resume ${run}`,
  });
}
