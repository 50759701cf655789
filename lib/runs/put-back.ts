import type { Assessment } from '../damage/assessment.ts';
import { type Documents, readIfReadable } from '../documents/documents.ts';
import type { Fault } from '../errors.ts';
import { type LossDocument, lossDocument } from '../restore/loss-document.ts';
import { isServing, type RestoreDocuments, readRestoreDocuments } from '../restore/recovery.ts';
import { type RestoreReport, restoreReport, secondsBetween } from '../restore/timings.ts';
import { faultOf } from './cause.ts';
import { notRead } from './evidence.ts';
import type { FinalState } from './final-state.ts';
import { keys } from './keys.ts';
import { type Kept, type Restoration, restoration } from './restoration.ts';
import type { Run } from './run.ts';

/** What became of putting a run's database back, in the words of its documents and of whoever did it. */
export type PutBack = {
  /** Whether the restored instance serves the application. */
  restored: boolean;
  /** Whether it ended before it made or changed anything. */
  refused: boolean;
  attempted: boolean;
  error: Fault | null;
  kept: Kept | null;
  found: RestoreDocuments;
  loss: LossDocument | null;
  report: RestoreReport | null;
  /** The version of the restored database, where it is known. */
  version: number | null;
  notes: string[];
};

/** The documents are believed first: of a run whose root died nothing else is there. */
export async function readPutBack(documents: Documents, state: FinalState): Promise<PutBack> {
  const { run, restoration: said } = state;
  const found = await readRestoreDocuments(documents, run.id);
  const [loss, report] = await Promise.all([
    readIfReadable(documents, keys.restore.loss(run.id), lossDocument),
    readIfReadable(documents, keys.restore.report(run.id), restoreReport),
  ]);
  const { plan, freeze, cutover } = found;
  const caught = said?.error ?? (run.kind === 'restore' ? state.error : null);
  const restored = said?.restored === true || (cutover.value !== null && isServing(cutover.value));
  return {
    restored,
    refused: said?.refused ?? plan.etag === null,
    attempted: said !== null || plan.etag !== null,
    error: caught === null || restored ? null : faultOf(caught),
    kept: said?.kept ?? null,
    ...{ found, loss: loss.value, report: report.value },
    version: cutover.value?.found?.version ?? plan.value?.expected?.version ?? state.plan?.before ?? null,
    notes: [
      ...[plan, freeze, cutover, loss, report].flatMap(({ unreadable }) =>
        unreadable === null ? [] : [notRead(unreadable)],
      ),
      ...(restored && cutover.value?.steps.retired === null ? [notRetired(cutover.value.retired)] : []),
    ],
  };
}

function notRetired(instance: string): string {
  return `${instance}, which served before, could not be made ready for its removal; see that it is kept as long as you need it.`;
}

/** What a record tells of it; null where there was nothing to put back, or nothing was begun and nothing is left to say. */
export function tellRestoration(options: {
  run: Run;
  outcome: string;
  assessment: Assessment | null;
  putBack: PutBack;
}): Restoration | null {
  const { run, outcome, assessment, putBack } = options;
  if (run.kind === 'accept-state' || (run.kind === 'restore' && putBack.refused && !putBack.restored)) return null;
  if (putBack.attempted) return attempted(run, putBack);
  if (outcome !== 'FailedKept') return null;
  return restoration.parse({
    attempted: false,
    reason: whyKept(run, assessment),
    finish: assessment?.state === 'Dirty' ? `carthub-db restore --before-run ${run.id}` : null,
  });
}

function attempted(run: Run, { restored, error, kept, found, loss, report }: PutBack): Restoration {
  const [plan, freeze, cutover] = [found.plan.value, found.freeze.value, found.cutover.value];
  const until = restored ? (cutover?.steps.admitted ?? null) : (freeze?.thawed ?? null);
  const copy = restored ? (cutover?.name ?? null) : (kept?.copy ?? null);
  return restoration.parse({
    attempted: true,
    reason: restored
      ? 'An instance from before serves in the place of the old one.'
      : (error?.message ?? 'It ended before it was done.'),
    done: restored,
    target: plan === null ? null : { time: plan.target.time, snapshot: plan.target.snapshot },
    copy,
    retired: restored ? (cutover?.retired ?? null) : null,
    expires: kept?.expires ?? null,
    since: plan?.madeAt ?? null,
    until,
    phases: (report?.phases ?? []).map((each) => ({
      phase: each.phase,
      seconds: secondsBetween(each.since, each.until),
    })),
    loss: loss === null ? null : { proved: loss.nothing, rows: lostRows(loss) },
    conflicts: loss?.conflicts ?? [],
    frozenSeconds:
      freeze === null || until === null || freeze.since === until ? null : secondsBetween(freeze.since, until),
    finish: restored
      ? null
      : copy === null
        ? `carthub-db restore --before-run ${run.id}`
        : `carthub-db restore --resume ${run.id}`,
  });
}

function lostRows({ tables }: LossDocument): Record<string, number | null> {
  return Object.fromEntries(tables.flatMap(({ table, lost }) => (lost === 0 ? [] : [[table, lost]])));
}

function whyKept(run: Run, assessment: Assessment | null): string {
  if (run.onFailure === 'keep') return 'The input asked to keep the database as it is.';
  if (assessment?.state !== 'Dirty')
    return 'Nobody could look at the database, and what nobody looked at is not put back.';
  return 'The run ended before its database could be put back.';
}
