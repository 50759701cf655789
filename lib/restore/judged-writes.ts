import type { Documents } from '../documents/documents.ts';
import { readDocument } from '../documents/documents.ts';
import { type Classification, classify } from '../lost-writes/classify.ts';
import { mergeFindings, type Tally } from '../lost-writes/finding.ts';
import type { Survey } from '../lost-writes/table.ts';
import { keys } from '../runs/keys.ts';
import { RestoreRefusedError } from './errors.ts';
import { readCursor, readPass, readSlices, surveyDocument } from './found-writes.ts';

export type JudgedWrites = {
  survey: Survey;
  tallies: Readonly<Record<string, Tally>>;
  classification: Classification;
};

/** What both passes found, and what it means. @throws RestoreRefusedError while the second is not through */
export async function readJudgedWrites(documents: Documents, run: string): Promise<JudgedWrites> {
  const cursor = (await readCursor(documents, run))?.value ?? null;
  const surveyed = (await readDocument(documents, keys.restore.survey(run, 2), surveyDocument))?.value ?? null;
  if (cursor === null || surveyed === null || cursor.pass !== 2 || !cursor.isDone) {
    throw new RestoreRefusedError(`Nobody looked yet, on the frozen database, for what others wrote (${run}).`, {
      remedy: 'Start the restore again: carthub-db restore --plan',
    });
  }
  const first = await readPass(documents, run, 1, cursor.first);
  const slices = await readSlices(documents, run, 2, cursor.slices);
  const last = slices.at(-1);
  const { survey, work } = surveyed;
  const known = new Set(survey.tables.map(({ label }) => label));
  const found = mergeFindings([first?.findings ?? [], ...slices.map(({ findings }) => findings)]);
  const tallies = last?.cursor.tallies ?? {};
  const classification = classify({
    ...{ survey, work, tallies, findings: found.filter(({ table }) => known.has(table)) },
    ...{ others: last?.ending?.others ?? {}, foreignDdl: last?.ending?.foreignDdl ?? [] },
    otherDatabases: last?.ending?.otherDatabases ?? [],
  });
  return { survey, tallies, classification };
}
