import type { Client } from 'pg';
import { readJournal } from '../../../lib/journal/journal.ts';
import { writeDetail, writeEntry } from '../../../lib/journal/record.ts';
import { type Classification, classify } from '../../../lib/lost-writes/classify.ts';
import { type Cursor, cursor as cursorSchema } from '../../../lib/lost-writes/cursor.ts';
import { type Earlier, findLostRows } from '../../../lib/lost-writes/find.ts';
import { type Finding, mergeFindings } from '../../../lib/lost-writes/finding.ts';
import { describeOwnWork, type OwnWork } from '../../../lib/lost-writes/own-work.ts';
import { type Replayed, replay, replayCursor } from '../../../lib/lost-writes/replay.ts';
import { eitherSideEffects, readSideEffects } from '../../../lib/lost-writes/side-effects.ts';
import { readFacts } from '../../../lib/lost-writes/statement-facts.ts';
import { surveyTables } from '../../../lib/lost-writes/survey.ts';
import type { Survey } from '../../../lib/lost-writes/table.ts';
import { type Counts, countOthers, readWriteCounts, type WriteCounts } from '../../../lib/lost-writes/write-counts.ts';
import { CREATE_OWN_TABLES } from '../../../lib/postgres/tables.ts';
import { changesBetween, readTables } from '../../../runner/table-changes.ts';

export const TOKEN = 7;
const authorOf = (run: string) => ({ run, token: TOKEN });

export type Sides = { live: Client; copy: Client };

/** Our tables, as a run finds them: the copy has them, too. */
export async function prepare(client: Client): Promise<void> {
  await client.query(CREATE_OWN_TABLES);
  await client.query('update carthub_db.fence set token = $1', [TOKEN]);
}

/** A file of the run in one transaction, with its journal. `nested`: it has one subtransaction. */
export async function runFile(client: Client, run: string, sql: string, { nested = false } = {}): Promise<void> {
  await client.query('begin');
  const written = await writeEntry(client, authorOf(run), { ...entry, step: 0, state: 'transaction' });
  const before = await readTables(client);
  await client.query(sql);
  const from = BigInt(written.xid) + 1n;
  const subtransactions = nested ? [{ from: `${from}`, below: `${from + 1n}` }] : [];
  const changes = changesBetween(before, await readTables(client), true);
  await writeDetail(client, written, { ...changes, subtransactions });
  await client.query('commit');
}

/** Statements of the run outside a transaction; the last one does not end when `interrupted`. `atomic`: with their ends. */
export async function runSteps(
  client: Client,
  run: string,
  statements: string[],
  { interrupted = false, atomic = false, file = entry.file } = {},
): Promise<void> {
  const entry = { file };
  for (const [at, sql] of statements.entries()) {
    const step = at + 1;
    const together = atomic && /^(insert|update|delete)/.test(sql);
    const detail = { statement: 's', atomic: together };
    await writeEntry(client, authorOf(run), { ...entry, step, state: 'intent', detail });
    if (together) {
      await client.query('begin');
      const written = await writeEntry(client, authorOf(run), { ...entry, step, state: 'done' });
      const before = await readTables(client);
      await client.query(sql);
      const changes = changesBetween(before, await readTables(client), true);
      await writeDetail(client, written, { ...changes, statement: 's' });
      await client.query(interrupted && step === statements.length ? 'rollback' : 'commit');
      continue;
    }
    await client.query(sql);
    if (interrupted && step === statements.length) return;
    await writeEntry(client, authorOf(run), { ...entry, step, state: 'done' });
  }
}

const entry = { file: { version: 1, file: '1.sql', sha256: 'f'.repeat(64) } };

/** What the run did, by its journal and the text of its file. */
export async function ownWorkOf({ live, copy }: Sides, run: string, file: string, schema?: string): Promise<OwnWork> {
  const sideEffects = eitherSideEffects(await readSideEffects(live), await readSideEffects(copy));
  const work = describeOwnWork({
    journal: await readJournal(live, run),
    facts: new Map([[entry.file.sha256, await readFacts(file)]]),
    // A name without a schema means every table of that name; here each schema stands for a database.
    sideEffects: {
      ...sideEffects,
      tables: sideEffects.tables.filter((one) => schema === undefined || one.schema === schema),
    },
  });
  return JSON.parse(JSON.stringify(work));
}

export type Found = { survey: Survey; cursor: Cursor; findings: Finding[]; slices: number };

/** A pass to its end, in slices so small that each cursor is kept as JSON between them. */
export async function search(
  sides: Sides,
  options: {
    pass: Cursor['pass'];
    work: OwnWork;
    snapshot: string;
    earlier?: Earlier;
    maxRows?: number;
    schema?: string;
  },
): Promise<Found> {
  const whole = await surveyTables(sides);
  const { schema } = options;
  const survey = { ...whole, tables: whole.tables.filter((table) => schema === undefined || table.schema === schema) };
  const slices: Finding[][] = [];
  let cursor: Cursor | null = null;
  do {
    const slice: { cursor: Cursor; findings: Finding[] } = await findLostRows({
      ...{ ...sides, ...options, survey, cursor },
      now: () => new Date(),
    });
    cursor = cursorSchema.parse(JSON.parse(JSON.stringify(slice.cursor)));
    slices.push(JSON.parse(JSON.stringify(slice.findings)));
  } while (!cursor.done);
  const findings = mergeFindings([options.earlier?.findings ?? [], ...slices]);
  return { survey, cursor, findings, slices: slices.length };
}

/** How many rows others wrote since `counts`, when all sessions have told the server of theirs. */
export async function othersSince(
  live: Client,
  counts: WriteCounts | null,
  work: OwnWork,
): Promise<Record<string, Counts>> {
  await live.query('select pg_stat_force_next_flush()');
  return countOthers(counts, await readWriteCounts(live), work);
}

/** One pass, and what it means. */
export async function judgeAll(
  sides: Sides,
  options: { run: string; file: string; snapshot: string; schema?: string; counts?: WriteCounts },
): Promise<Found & { work: OwnWork; verdict: Classification }> {
  const { run, file, counts = null, ...rest } = options;
  const work = await ownWorkOf(sides, run, file, options.schema);
  const found = await search(sides, { ...rest, pass: 'only', work });
  const { survey, findings, cursor } = found;
  const others = await othersSince(sides.live, counts, work);
  return { ...found, work, verdict: classify({ survey, work, findings, others, tallies: cursor.tallies }) };
}

/** Replays to the end, a batch a slice. */
export async function replayAll(sides: Sides, found: Found, findings: readonly Finding[], token = TOKEN) {
  const all: Pick<Replayed, 'refused' | 'broken'> = { refused: [], broken: [] };
  let cursor = replayCursor.parse({ format: 1, phase: 'remove', next: 0 });
  let time = 0;
  while (cursor.phase !== 'done') {
    const { survey, cursor: searched } = found;
    const slice = await replay({
      ...{ ...sides, survey, findings, tallies: searched.tallies, token, cursor },
      // Time passes whenever somebody looks: each slice does one batch.
      now: () => {
        time += 1000;
        return new Date(time);
      },
      maxMs: 1500,
    });
    all.refused.push(...slice.refused);
    all.broken.push(...slice.broken);
    cursor = replayCursor.parse(JSON.parse(JSON.stringify(slice.cursor)));
  }
  return all;
}
