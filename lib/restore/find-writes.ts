import type { Documents } from '../documents/documents.ts';
import { putDocument, readDocument, readIfReadable } from '../documents/documents.ts';
import { findLostRows } from '../lost-writes/find.ts';
import type { Sides } from '../lost-writes/survey.ts';
import { surveyTables } from '../lost-writes/survey.ts';
import { countOthers, readWriteCounts } from '../lost-writes/write-counts.ts';
import { keys } from '../runs/keys.ts';
import { restorePoint } from '../runs/restore-point.ts';
import type { WithSides } from './both-sides.ts';
import { readForeignDdl } from './foreign-ddl.ts';
import {
  type CursorDocument,
  findSlice,
  type Pass,
  putOnce,
  readCursor,
  readPass,
  type SliceDocument,
  type SurveyDocument,
  sliceDocument,
  surveyDocument,
} from './found-writes.ts';
import { checkFreeze, readFreeze } from './freeze-document.ts';
import { readUnseenDatabases } from './other-databases.ts';
import { describeOurWork, readOurRuns } from './our-work.ts';
import type { RestorePlan } from './plan.ts';
import { withinTime } from './within-time.ts';

export type FindingWrites = {
  done: boolean;
  waitSeconds: number;
  startedAt: string;
  /** How many calls found rows, or found that there are none. */
  slices: number;
};

export type FindWritesOptions = {
  documents: Documents;
  withSides: WithSides;
  plan: RestorePlan;
  pass: Pass;
  progress: Pick<FindingWrites, 'startedAt'> | null;
  now: () => Date;
  /** How long to search in one call; 4 minutes unless said. */
  maxMs?: number;
  /** How many rows to keep in one object. */
  maxRows?: number;
};

/** Before the freeze nobody waits for it. During it the freeze's own end is the bound. */
const MAX_SECONDS = 12 * 3600;

/**
 * Looks for the rows that others wrote and the copy has not got, a slice a call: call it until it is done. Each slice's rows lie in an object of
 * their own, which is written first; then the cursor moves on. After a crash in between the next call finds the object and only moves the cursor.
 *
 * @throws FreezeExpiredError in the second pass, RestoreOverdueError
 */
export async function findWrites(options: FindWritesOptions): Promise<FindingWrites> {
  const { documents, plan, pass, progress, now } = options;
  if (pass === 2) checkFreeze((await readFreeze(documents, plan.run))?.value ?? null, now());
  const what = 'Looking for rows that others wrote';
  const startedAt = withinTime({ startedAt: progress?.startedAt ?? null, now: now(), seconds: MAX_SECONDS, what });
  const stored = await readCursor(documents, plan.run);
  const before = begin(plan.run, pass, stored?.value ?? null);
  if (before.isDone) return { done: true, waitSeconds: 0, startedAt, slices: before.slices };
  const number = before.slices + 1;
  const slice = (await findSlice(documents, plan.run, pass, number)) ?? (await makeSlice(options, before, number));
  const after = { ...before, slices: number, isDone: slice.cursor.done };
  // Else another call was faster: it moved on by the same object.
  await putDocument(documents, keys.restore.cursor(plan.run), after, stored?.etag ?? null);
  return { done: after.isDone, waitSeconds: after.isDone ? 0 : 1, startedAt, slices: number };
}

/** Where the pass stands. A first pass that a second has followed is over. */
function begin(run: string, pass: Pass, stored: CursorDocument | null): CursorDocument {
  if (stored?.pass === pass) return stored;
  const fresh = { format: 1 as const, run, pass, slices: 0, isDone: false, first: 0 };
  if (stored === null) return fresh;
  if (stored.pass > pass) return { ...stored, isDone: true };
  return { ...fresh, first: stored.isDone ? stored.slices : 0 };
}

function makeSlice(options: FindWritesOptions, before: CursorDocument, number: number): Promise<SliceDocument> {
  const { documents, withSides, plan, pass, now, maxMs, maxRows } = options;
  const { run } = plan;
  return withSides(async (sides) => {
    const { survey, work } = await surveyed(options, sides);
    const earlier = await readPass(documents, run, 1, before.first);
    const last = number === 1 ? null : await findSlice(documents, run, pass, number - 1);
    const { cursor, findings } = await findLostRows({
      ...{ ...sides, survey, work, snapshot: plan.target.savedSnapshot, earlier, cursor: last?.cursor ?? null, now },
      pass: pass === 1 ? 'first' : earlier === null ? 'only' : 'second',
      ...(maxMs === undefined ? {} : { maxMs }),
      ...(maxRows === undefined ? {} : { maxRows }),
    });
    const ending = pass === 2 && cursor.done ? await end(options, sides, work) : null;
    const value = { format: 1 as const, run, pass, number, cursor, findings, ending };
    return putOnce(documents, { key: keys.restore.writes(run, pass, number), schema: sliceDocument, value });
  });
}

/** What this pass goes by: others may have changed tables since another one. */
async function surveyed({ documents, plan, pass }: FindWritesOptions, sides: Sides): Promise<SurveyDocument> {
  const key = keys.restore.survey(plan.run, pass);
  const known = await readDocument(documents, key, surveyDocument);
  if (known !== null) return known.value;
  const survey = await surveyTables(sides);
  const work = await describeOurWork(await readOurRuns(documents, plan.order, sides), sides);
  return putOnce(documents, {
    ...{ key, schema: surveyDocument },
    value: { format: 1, run: plan.run, pass, survey, work },
  });
}

/** All other sessions are gone: the server has counted what they did, and nobody changes the schema any more. */
async function end(
  { documents, plan }: FindWritesOptions,
  sides: Sides,
  work: SurveyDocument['work'],
): Promise<NonNullable<SliceDocument['ending']>> {
  const { order } = plan;
  const point = order.to === 'run' ? await readIfReadable(documents, keys.restorePoint(order.run), restorePoint) : null;
  return {
    others: countOthers(point?.value?.counts ?? null, await readWriteCounts(sides.live), work),
    foreignDdl: await readForeignDdl(documents, await readOurRuns(documents, order, sides), sides),
    otherDatabases: await readUnseenDatabases(sides),
  };
}
