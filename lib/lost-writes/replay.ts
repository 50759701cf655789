import * as z from 'zod/mini';
import { countDuplicates, readDeferredKeys } from './deferred-keys.ts';
import type { Finding, Tally } from './finding.ts';
import { countOrphans, parentsFirst, readForeignKeys } from './foreign-keys.ts';
import { beginReplaying, type Keyed, type Refused, removeRows, writeRows } from './replay-batch.ts';
import { hasKey } from './rows.ts';
import { moveSequence } from './sequences.ts';
import type { Sides } from './survey.ts';
import { batchSize, only, type Survey } from './table.ts';
import { readText, writing } from './text.ts';

const PHASES = ['remove', 'write', 'sequences', 'constraints', 'counts'] as const;

/** Where replaying stands: the number of the next row, sequence, constraint or table of the phase. */
export const replayCursor = z.object({
  format: z.literal(1),
  phase: z.enum([...PHASES, 'done']),
  next: z.int(),
});

export type ReplayCursor = z.infer<typeof replayCursor>;

/** What a slice met. All empty over all slices: the copy holds every row, and every constraint is kept. */
export type Replayed = {
  cursor: ReplayCursor;
  refused: Refused[];
  /** Foreign keys that do not hold, and tables whose rows are not as many as they should be. */
  broken: string[];
};

export type ReplayOptions = Sides & {
  survey: Survey;
  /** What {@link classify} found replayable. */
  findings: readonly Finding[];
  /** Of the pass that ended the search. */
  tallies: Readonly<Record<string, Tally>>;
  /** The token of the lease, to which the copy's fence was raised. */
  token: number;
  cursor: ReplayCursor | null;
  now: () => Date;
  maxMs?: number;
};

/**
 * Gives the copy the rows that others wrote, slice by slice: call it with the returned cursor until its phase is `done`. First
 * everything that is gone or changed is taken away, children first, then everything is written, parents first: so a value that
 * must be unique may have moved from row to row. Each batch is a transaction that holds the fence; done again it changes nothing.
 * Then sequences are moved on, and foreign keys and numbers of rows are asked.
 *
 * @throws FencedError, ReplayNotPermittedError
 */
export async function replay(options: ReplayOptions): Promise<Replayed> {
  const { copy, now, maxMs = 240_000 } = options;
  const started = now().getTime();
  const foreignKeys = await readForeignKeys(copy);
  const order = parentsFirst([...new Set(options.findings.map(({ table }) => table))], foreignKeys);
  const done: Replayed = { cursor: options.cursor ?? { format: 1, phase: 'remove', next: 0 }, refused: [], broken: [] };
  while (done.cursor.phase !== 'done' && now().getTime() - started < maxMs) {
    const { phase, next } = done.cursor;
    const moved = await step({ ...options, foreignKeys, order, done }, phase, next);
    done.cursor = moved === null ? following(phase) : { ...done.cursor, next: moved };
  }
  return done;
}

type Work = ReplayOptions & {
  foreignKeys: Awaited<ReturnType<typeof readForeignKeys>>;
  order: string[];
  done: Replayed;
};

/** What is next after it; null when the phase is over. */
function step(work: Work, phase: ReplayCursor['phase'], next: number): Promise<number | null> {
  switch (phase) {
    case 'remove':
      return replayBatch(work, next, sorted(work, ['delete', 'update'], work.order.toReversed()), removeRows);
    case 'write':
      return replayBatch(work, next, sorted(work, ['insert', 'update'], work.order), writeRows);
    case 'sequences':
      return moveOne(work, next);
    case 'constraints':
      return checkConstraint(work, next);
    case 'counts':
      return checkCount(work, next);
    case 'done':
      return Promise.resolve(null);
  }
}

function following(phase: ReplayCursor['phase']): ReplayCursor {
  const at = phase === 'done' ? PHASES.length : PHASES.indexOf(phase);
  return { format: 1, phase: PHASES[at + 1] ?? 'done', next: 0 };
}

function sorted({ findings }: Work, kinds: readonly Finding['kind'][], order: readonly string[]): Finding[] {
  const groups = Map.groupBy(findings, ({ table }) => table);
  return order.flatMap((table) => groups.get(table)?.filter(({ kind }) => kinds.includes(kind)) ?? []);
}

async function replayBatch(
  { copy, token, survey, done }: Work,
  next: number,
  findings: readonly Finding[],
  write: (client: Sides['copy'], table: Keyed, findings: Finding[]) => Promise<Refused[]>,
): Promise<number | null> {
  const label = findings[next]?.table;
  const table = survey.tables.find((one) => one.label === label);
  if (label === undefined) return null;
  if (!table || !hasKey(table)) throw new Error(`${label} has no key: nothing of it can be replayed.`);
  const most = findings.slice(next, next + batchSize(table, table.columns.length));
  const end = most.findIndex((one) => one.table !== label);
  const batch = end < 0 ? most : most.slice(0, end);
  const refused = await writing(copy, async () => {
    await beginReplaying(copy, token);
    return write(copy, table, batch);
  });
  done.refused.push(...refused);
  return next + batch.length;
}

async function moveOne({ live, copy, token, survey }: Work, next: number): Promise<number | null> {
  const sequence = survey.sequences[next];
  if (!sequence) return null;
  await writing(copy, async () => {
    await beginReplaying(copy, token);
    await moveSequence({ live, copy }, sequence);
  });
  return next + 1;
}

/** Constraints held before, and rows were written without asking them: those that touch such rows are asked now. */
async function checkConstraint({ copy, foreignKeys, order, done }: Work, next: number): Promise<number | null> {
  const written = new Set(order);
  const touched = foreignKeys.filter(({ children, parents }) =>
    [...children, ...parents].some((one) => written.has(one)),
  );
  const unique = (await readDeferredKeys(copy)).filter(({ label }) => written.has(label));
  const asked = touched[next];
  const key = unique[next - touched.length];
  if (asked) {
    const orphans = await countOrphans(copy, asked);
    const { schema, name } = asked.child;
    if (orphans > 0)
      done.broken.push(`${asked.name} of ${schema}.${name}: ${orphans} rows refer to a row that is not there.`);
  } else if (key) {
    const twice = await countDuplicates(copy, key);
    if (twice > 0) done.broken.push(`${key.name} of ${key.label}: ${twice} keys are there more than once.`);
  } else return null;
  return next + 1;
}

async function checkCount(
  { copy, findings, order, tallies, survey, done }: Work,
  next: number,
): Promise<number | null> {
  const label = order[next];
  const table = survey.tables.find((one) => one.label === label);
  const tally = tallies[label ?? ''];
  if (label === undefined) return null;
  if (!table || !tally) throw new Error(`${label} was not surveyed or not read.`);
  const [[rows] = []] = await readText(copy, `select count(*)::text from ${only(table)}`);
  const ofKind = (kind: Finding['kind']) => findings.filter((one) => one.table === label && one.kind === kind).length;
  const expected = (tally.copyRows ?? 0) + ofKind('insert') - ofKind('delete');
  if (Number(rows) !== expected) done.broken.push(`${label}: ${rows} rows, and there should be ${expected}.`);
  return next + 1;
}
