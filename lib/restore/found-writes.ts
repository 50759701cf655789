import * as z from 'zod/mini';
import { type Documents, putDocument, readDocument } from '../documents/documents.ts';
import { type Cursor, cursor } from '../lost-writes/cursor.ts';
import { type Finding, finding, mergeFindings } from '../lost-writes/finding.ts';
import { ownWork } from '../lost-writes/own-work.ts';
import { survey } from '../lost-writes/table.ts';
import { counts } from '../lost-writes/write-counts.ts';
import { keys } from '../runs/keys.ts';

/** The first pass runs while others write, the second when the database is frozen. */
export type Pass = 1 | 2;

const of = { format: z.literal(1), run: z.string(), pass: z.union([z.literal(1), z.literal(2)]) };

/** What a pass goes by, made once when it begins. */
export const surveyDocument = z.object({ ...of, survey, work: ownWork });

/** What is only known when the search is over. */
const ending = z.object({
  /** How many rows others wrote, by table, where that was counted. */
  others: z.record(z.string(), counts),
  /** Objects of the schema, and roles, that others made, changed or dropped. */
  foreignDdl: z.array(z.string()),
  /** Databases of the same instance, in which nobody looked. */
  otherDatabases: z._default(z.array(z.string()), []),
});

/**
 * The rows of one call, `runs/<id>/restore/writes/<pass>/<n>.json`, with where the search stood after them. Written once: whoever finds it there
 * goes on after it, whatever was found in the same place by another call.
 */
export const sliceDocument = z.object({
  ...{ ...of, number: z.int(), cursor, findings: z.array(finding) },
  /** With the last slice of the second pass. */
  ending: z.nullable(ending),
});

/** Which slices there are, in `runs/<id>/restore/writes/cursor.json`. */
export const cursorDocument = z.object({
  ...of,
  /** How many slices this pass has. */
  slices: z.int(),
  isDone: z.boolean(),
  /** How many the first pass had, when it came to its end; 0 where it did not. */
  first: z.int(),
});

export type SurveyDocument = z.infer<typeof surveyDocument>;
export type SliceDocument = z.infer<typeof sliceDocument>;
export type CursorDocument = z.infer<typeof cursorDocument>;

export async function readCursor(documents: Documents, run: string) {
  return readDocument(documents, keys.restore.cursor(run), cursorDocument);
}

/** Null when there is none. */
export async function findSlice(documents: Documents, run: string, pass: Pass, number: number) {
  return (await readDocument(documents, keys.restore.writes(run, pass, number), sliceDocument))?.value ?? null;
}

/** All slices of a pass, in order. */
export async function readSlices(documents: Documents, run: string, pass: Pass, count: number) {
  const slices: SliceDocument[] = [];
  for (let number = 1; number <= count; number += 1) {
    const slice = await findSlice(documents, run, pass, number);
    if (slice === null) throw new Error(`Slice ${number} of pass ${pass} of ${run} was there and is not any more.`);
    slices.push(slice);
  }
  return slices;
}

/** What a pass found and where it ended; null for none. */
export async function readPass(
  documents: Documents,
  run: string,
  pass: Pass,
  count: number,
): Promise<{ findings: Finding[]; cursor: Cursor } | null> {
  const slices = await readSlices(documents, run, pass, count);
  const last = slices.at(-1);
  return last ? { findings: mergeFindings(slices.map(({ findings }) => findings)), cursor: last.cursor } : null;
}

/** Writes it if it is not there; what is there then, whoever wrote it. */
export async function putOnce<T extends z.ZodMiniType>(
  documents: Documents,
  { key, schema, value }: { key: string; schema: T; value: z.infer<T> },
): Promise<z.infer<T>> {
  if (await putDocument(documents, key, value, null)) return value;
  const there = await readDocument(documents, key, schema);
  if (there === null) throw new Error(`s3://${documents.bucket}/${key} was there and is not any more.`);
  return there.value;
}
