import * as z from 'zod/mini';
import type { JournalRow } from '../journal/journal.ts';
import type { Applied } from '../migrations/history.ts';
import { type AppliedFile, appliedFile } from './verdict.ts';

/** The files of a run that are in the database whole, in the database's own words: a Job that was killed leaves no others. */
export const appliedFiles = z.object({ format: z.literal(1), run: z.string(), files: z.array(appliedFile) });

export type AppliedFiles = z.infer<typeof appliedFiles>;

/** What history and journal show that the run applied. The history keeps no file's name, the journal does. */
export function filesAppliedBy(
  run: string,
  history: readonly Applied[],
  journal: readonly JournalRow[],
): AppliedFiles['files'] {
  const names = new Map(journal.map(({ version, file }) => [version, file]));
  return history
    .filter(({ runId }) => runId === run)
    .map(({ version, durationMs }): AppliedFile => {
      const file = names.get(version) ?? `version ${version}`;
      return { version, file, durationMs: durationMs ?? 0 };
    });
}
