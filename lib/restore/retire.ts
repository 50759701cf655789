import { AddTagsToResourceCommand, type RDSClient, RemoveTagsFromResourceCommand } from '@aws-sdk/client-rds';
import { type Documents, replaceDocument } from '../documents/documents.ts';
import { keys } from '../runs/keys.ts';
import { changeInstance, exchangeGroups } from './change-instance.ts';
import { CutoverOpenError } from './cutover-errors.ts';
import { type CutoverJournal, readCutover } from './cutover-journal.ts';
import { readPlan } from './documents.ts';
import { readFreeze } from './freeze-document.ts';
import { changeLineage, handedOver } from './lineage.ts';
import { again, finished, type Loop } from './loop.ts';
import { isSettled, type ObservedInstance, observeExisting } from './observe-instance.ts';
import type { RestorePlan } from './plan.ts';
import { compareServed } from './settings/compare-served.ts';
import { describeResource } from './settings/describe.ts';
import { EXPIRES_TAG, RETIRED_TAG, RUN_TAG, retiredExpires } from './settings/tags.ts';
import { readReport, secondsBetween, withPhase } from './timings.ts';

const MAX_SECONDS = 2 * 3600;

export type Retired = Loop & { identifier: string; expires: string; seconds: number | null };

type Work = { rds: RDSClient; documents: Documents; run: string; opsGroup: string; now: Date };

/**
 * Sees to it that the instance that was replaced stays as it is until its date: protected from deletion, closed to all but the
 * functions, marked with the run. Its automated backups stay too. The one that serves loses the marks of a copy, so that nobody takes it for
 * one that may go, and is compared once more. Then the line of instances and the report are written, and the cutover's journal is closed.
 *
 * @throws CutoverOpenError while the application is not admitted yet
 */
export async function retireInstance(work: Work & { progress: { startedAt: string } | null }): Promise<Retired> {
  const { rds, documents, run, opsGroup, now } = work;
  const startedAt = work.progress?.startedAt ?? now.toISOString();
  const plan = await readPlan(documents, run);
  const journal = await admitted(documents, run);
  const old = await observeExisting(rds, journal.old.resourceId, 'retired');
  const expires = old.tags[EXPIRES_TAG] ?? retiredExpires(now);
  const wait = () => {
    const remedy = `See what it is at: aws rds describe-db-instances --db-instance-identifier ${journal.retired}`;
    const limits = { now, maxSeconds: MAX_SECONDS, what: `Retiring ${journal.retired}`, remedy };
    return { ...again(startedAt, limits), identifier: journal.retired, expires, seconds: null };
  };
  if (!isSettled(old)) return wait();
  if (!old.isProtected) {
    await changeInstance(rds, old, { DeletionProtection: true, ApplyImmediately: true });
    return wait();
  }
  if (!(await exchangeGroups(rds, old, [opsGroup]))) return wait();
  await mark(work, old, expires);
  await unmark(rds, journal.copy.resourceId);
  await compareServed({ rds, documents, run, resourceId: journal.copy.resourceId });
  const seconds = await report(work, plan, journal);
  return { ...finished(startedAt), identifier: old.identifier, expires, seconds };
}

async function admitted(documents: Documents, run: string): Promise<CutoverJournal> {
  const journal = (await readCutover(documents, run))?.value;
  if (journal && journal.steps.admitted !== null && journal.reversed === null) return journal;
  throw new CutoverOpenError(`The cutover of ${run} has not come to its end.`, {
    remedy: `Go on with it: carthub-db restore --resume ${run}`,
  });
}

async function mark({ rds, run, now }: Work, old: ObservedInstance, expires: string): Promise<void> {
  if (old.tags[RUN_TAG] === run && old.tags[EXPIRES_TAG] !== undefined && old.tags[RETIRED_TAG] !== undefined) return;
  const Tags = [
    { Key: RUN_TAG, Value: run },
    { Key: RETIRED_TAG, Value: now.toISOString() },
    { Key: EXPIRES_TAG, Value: expires },
  ];
  const ResourceName = (await describeResource(rds, old.resourceId))?.DBInstanceArn;
  await rds.send(new AddTagsToResourceCommand({ ResourceName, Tags }));
}

async function unmark(rds: RDSClient, resourceId: string): Promise<void> {
  const serving = await describeResource(rds, resourceId);
  const TagKeys = [RUN_TAG, EXPIRES_TAG].filter((key) => serving?.TagList?.some(({ Key }) => Key === key));
  if (serving === null || TagKeys.length === 0) return;
  await rds.send(new RemoveTagsFromResourceCommand({ ResourceName: serving.DBInstanceArn, TagKeys }));
}

/** Writes down what later plans go by; how long it took in seconds. */
async function report({ rds, documents, run, now }: Work, plan: RestorePlan, journal: CutoverJournal): Promise<number> {
  const admittedAt = journal.steps.admitted ?? now.toISOString();
  const seconds = secondsBetween(plan.madeAt, admittedAt);
  const { resourceId, identifier } = plan.source;
  const born = (await describeResource(rds, resourceId))?.InstanceCreateTime ?? plan.madeAt;
  // One that took up a copy says nothing of how long it takes to make one.
  const usual = plan.resumes === undefined ? seconds : null;
  const next = { resourceId: journal.copy.resourceId, identifier: journal.name, until: null, run, seconds: usual };
  await changeLineage(documents, plan.database, (line) =>
    handedOver(line, { resourceId, identifier, from: born }, { ...next, from: admittedAt }),
  );
  const told = await readReport(documents, run);
  const freeze = (await readFreeze(documents, run))?.value ?? null;
  const begun = journal.steps.protected ?? journal.steps.renamedOld ?? admittedAt;
  const phases = [
    ...(freeze === null ? [] : [{ phase: 'frozen', since: freeze.since, until: admittedAt }]),
    { phase: 'cutover', since: begun, until: admittedAt },
    { phase: 'whole', since: plan.madeAt, until: admittedAt },
  ].reduce(withPhase, told.phases);
  const frozenSeconds = freeze === null ? null : secondsBetween(freeze.since, admittedAt);
  await replaceDocument(documents, keys.restore.report(run), { ...told, phases, frozenSeconds });
  if (journal.steps.retired === null) {
    const steps = { ...journal.steps, retired: now.toISOString() };
    await replaceDocument(documents, keys.restore.cutover(run), { ...journal, steps });
  }
  return seconds;
}
