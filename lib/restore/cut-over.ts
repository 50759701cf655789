import type { RDSClient } from '@aws-sdk/client-rds';
import { ServiceUnavailableError } from '../aws/transient.ts';
import { type Documents, putDocument } from '../documents/documents.ts';
import { keys } from '../runs/keys.ts';
import { changeInstance } from './change-instance.ts';
import { type CutoverJournal, readCutover } from './cutover-journal.ts';
import { fenceCopy } from './fence-copy.ts';
import { findCopy } from './find-copy.ts';
import type { ServedCredentials, WithInstance } from './instance-access.ts';
import { ensureServedPassword } from './master-password.ts';
import { type CutoverStep, nextCutoverStep } from './next-cutover-step.ts';
import { observeCutover } from './observe-cutover.ts';
import { observeExisting } from './observe-instance.ts';
import type { RestorePlan } from './plan.ts';
import { proveFrozen } from './prove-frozen.ts';
import { withinTime } from './within-time.ts';

export type CutoverProgress = {
  done: boolean;
  waitSeconds: number;
  /** When the first call was. */
  startedAt: string;
  /** Whether everything is as it was before, instead. */
  reversed: boolean;
  /** While the names are exchanged, the journal: nothing is to be read or written then but what RDS describes. */
  exchanging: CutoverJournal | null;
};

export type CutoverOptions = {
  rds: RDSClient;
  documents: Documents;
  withInstance: WithInstance;
  credentials: ServedCredentials;
  run: string;
  /** Read only where it is needed, which is not while names are exchanged. */
  plan: () => Promise<RestorePlan>;
  token: number;
  opsGroup: string;
  /** Back to how it was, which can be had until the restored database is verified. */
  isBackward: boolean;
  progress: Pick<CutoverProgress, 'exchanging' | 'startedAt'> | null;
  now: () => Date;
};

type Stored = { value: CutoverJournal; etag: string };

const WAY = { forward: 'exchange', backward: 'reverse' } as const;

/** What comes before the first rename, and is of use only while the database is frozen. */
const BEFORE: ReadonlySet<CutoverStep['do']> = new Set(['wait', 'open', 'fence', 'protect']);

type Told = Omit<CutoverProgress, 'startedAt'>;

const AGAIN: Told = { done: false, waitSeconds: 1, reversed: false, exchanging: null };
/** RDS takes minutes for a rename; a look each two seconds costs nothing, and nobody has the name meanwhile. */
const EXCHANGING_SECONDS = 2;
/** Renames have been seen to take hours. */
const MAX_SECONDS = 4 * 3600;
/** Of the time that it has taken so far, so that the history of hours does not outgrow what an execution may have. */
const LATE = { part: 1 / 20, longestSeconds: 15 };

/**
 * Puts the copy in the old instance's place by exchanging their names, one effect a call: call it until it is done. Whoever calls it, however the
 * last call ended, it goes on from what RDS shows. Between the renames nothing is called but what describes.
 *
 * @throws FreezeExpiredError, FreezeNotProvedError before the first rename; NameTakenError, InstanceVanishedError, CutoverOpenError,
 *   CopyInvalidError, FencedError
 */
export async function cutOver(options: CutoverOptions): Promise<CutoverProgress> {
  const { progress, now } = options;
  const startedAt = withinTime({
    startedAt: progress?.startedAt ?? null,
    now: now(),
    seconds: MAX_SECONDS,
    what: 'The cutover',
  });
  const told = await goOn(options);
  if (told.done || told.waitSeconds < EXCHANGING_SECONDS) return { ...told, startedAt };
  const seconds = (now().getTime() - Date.parse(startedAt)) / 1000;
  const late = Math.min(Math.round(seconds * LATE.part), LATE.longestSeconds);
  return { ...told, startedAt, waitSeconds: Math.max(told.waitSeconds, late) };
}

async function goOn(options: CutoverOptions): Promise<Told> {
  const { rds, isBackward, progress } = options;
  const direction = isBackward ? 'backward' : 'forward';
  const carried = progress?.exchanging ?? null;
  if (carried !== null && carried.doing?.step === WAY[direction]) {
    const step = nextCutoverStep(carried, await observeCutover(rds, carried), direction);
    if (step.do === 'wait' && step.exchanging) return exchanging(carried);
    if (step.do === 'rename-copy' || step.do === 'rename-back') return rename(options, step, carried);
  }
  const stored = await journalOf(options);
  const step = nextCutoverStep(stored.value, await observeCutover(rds, stored.value), direction);
  if (BEFORE.has(step.do) && !(step.do === 'wait' && step.exchanging) && !isBackward) await proveFrozen(options, null);
  return take(options, step, stored);
}

/** That of the run, begun by the first call. */
async function journalOf(options: CutoverOptions): Promise<Stored> {
  const { rds, documents, run, now } = options;
  const stored = await readCutover(documents, run);
  if (stored !== null) return stored;
  await proveFrozen(options, null);
  const plan = await options.plan();
  const { resourceId, identifier } = plan.source;
  const old = await observeExisting(rds, resourceId, 'serving');
  const copy = await findCopy(rds, plan);
  const journal: CutoverJournal = {
    ...{ format: 1, run, name: identifier, retired: plan.retired.identifier, wasProtected: old.isProtected },
    ...{ old: { resourceId, identifier }, copy: { resourceId: copy.resourceId, identifier: copy.identifier } },
    ...{ found: null, doing: null, reversed: null },
    steps: {
      ...{ fenced: null, opened: null, protected: null, renamedOld: null, renamedCopy: null },
      ...{ verified: null, admitted: null, retired: null },
    },
  };
  await putDocument(documents, keys.restore.cutover(run), journal, null);
  const written = await readCutover(documents, run);
  if (written !== null) return written;
  throw new ServiceUnavailableError(`The journal of ${run} is not there at ${now().toISOString()}.`, {
    remedy: 'Try again.',
  });
}

async function take(options: CutoverOptions, step: CutoverStep, stored: Stored): Promise<Told> {
  const { rds, now } = options;
  const journal = stored.value;
  switch (step.do) {
    case 'wait':
      return step.exchanging ? exchanging(journal) : { ...AGAIN, waitSeconds: 5 };
    case 'fence': {
      const found = await fenceCopy({ ...options, plan: await options.plan() }, step.copy);
      return write(options, stored, { ...journal, found, steps: { ...journal.steps, fenced: now().toISOString() } });
    }
    case 'open': {
      if (!(await ensureServedPassword({ ...options, instance: step.copy }))) return { ...AGAIN, waitSeconds: 5 };
      return write(options, stored, { ...journal, steps: { ...journal.steps, opened: now().toISOString() } });
    }
    case 'protect':
    case 'unprotect':
      await changeInstance(rds, step.old, { DeletionProtection: step.do === 'protect' });
      return { ...AGAIN, waitSeconds: 2 };
    case 'rename-old': {
      await proveFrozen(options, step.old);
      const begun = await mark(options, stored, 'exchange');
      return begun === null ? AGAIN : rename(options, step, begun);
    }
    case 'rename-copy':
      return rename(options, step, journal);
    case 'rename-copy-back':
    case 'rename-back': {
      const begun = await mark(options, stored, 'reverse');
      return begun === null ? AGAIN : rename(options, step, begun);
    }
    case 'finish':
      return finish(options, stored);
    case 'close':
      return close(options, stored);
  }
}

/** Whoever gives up a cutover waits for longer than this after it was said that names are exchanged. */
const SAID_MS = 30_000;

/** The first to write that it begins has the way: who finds another word there looks again. What was said just now counts. */
async function mark(
  { documents, now }: CutoverOptions,
  { value, etag }: Stored,
  step: 'exchange' | 'reverse',
): Promise<CutoverJournal | null> {
  const { doing } = value;
  if (doing?.step === step && now().getTime() - Date.parse(doing.at) < SAID_MS) return value;
  const at = now().toISOString();
  const steps =
    step === 'exchange'
      ? { ...value.steps, protected: value.steps.protected ?? at }
      : { ...value.steps, renamedOld: null, renamedCopy: null };
  const journal: CutoverJournal = { ...value, steps, doing: { step, at } };
  return (await putDocument(documents, keys.restore.cutover(value.run), journal, etag)) ? journal : null;
}

async function rename(
  { rds }: CutoverOptions,
  step: Extract<CutoverStep, { to: string }>,
  journal: CutoverJournal,
): Promise<Told> {
  const instance = 'copy' in step ? step.copy : step.old;
  // Without ApplyImmediately a rename waits for the maintenance window.
  await changeInstance(rds, instance, { NewDBInstanceIdentifier: step.to, ApplyImmediately: true });
  return exchanging(journal);
}

function exchanging(journal: CutoverJournal): Told {
  return { ...AGAIN, waitSeconds: EXCHANGING_SECONDS, exchanging: journal };
}

async function write({ documents }: CutoverOptions, { etag }: Stored, journal: CutoverJournal): Promise<Told> {
  await putDocument(documents, keys.restore.cutover(journal.run), journal, etag);
  return AGAIN;
}

async function finish(options: CutoverOptions, stored: Stored): Promise<Told> {
  const { value: journal } = stored;
  const done: Told = { ...AGAIN, done: true, waitSeconds: 0 };
  if (journal.steps.renamedCopy !== null) return done;
  const at = options.now().toISOString();
  const steps = { ...journal.steps, renamedOld: at, renamedCopy: at };
  await write(options, stored, { ...journal, doing: null, reversed: null, steps });
  return AGAIN;
}

async function close(options: CutoverOptions, stored: Stored): Promise<Told> {
  const { value: journal } = stored;
  if (journal.reversed !== null) return { ...AGAIN, done: true, waitSeconds: 0, reversed: true };
  return write(options, stored, { ...journal, doing: null, reversed: options.now().toISOString() });
}
