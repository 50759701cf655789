import type { Assessment } from '../damage/assessment.ts';
import { DocumentInvalidError, type Documents } from '../documents/documents.ts';
import type { Run } from '../runs/run.ts';
import { changeQuarantine, withQuarantined } from './quarantine.ts';

/**
 * Quarantines the files whose own SQL made the database dirty. Twice is the same as once.
 *
 * @returns what a person has to know of it: that a quarantine which cannot be read was left as it is
 */
export async function quarantineBlamed(options: {
  documents: Documents;
  run: Run;
  assessment: Assessment | null;
  now: Date;
}): Promise<string[]> {
  const { documents, run, assessment, now } = options;
  if (run.kind !== 'migrate' || assessment?.state !== 'Dirty' || assessment.blamed.length === 0) return [];
  const files = assessment.blamed.map((blamed) => ({ ...blamed, run: run.id, since: now.toISOString() }));
  try {
    await changeQuarantine(documents, run.database, (current) => withQuarantined(current, files));
    return files.map(({ file }) => `${file} is quarantined: as it is written, no migration applies it again.`);
  } catch (error) {
    if (!(error instanceof DocumentInvalidError)) throw error;
    return [
      `The quarantine cannot be read, and ${files.map(({ file }) => file).join(', ')} is not in it: ${error.message}`,
    ];
  }
}
