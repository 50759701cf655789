import type { ClientBase } from 'pg';
import { type Documents, putDocument, readIfReadable } from '../documents/documents.ts';
import { readJournal } from '../journal/journal.ts';
import { readHistory } from '../migrations/history.ts';
import { release } from '../migrations/release.ts';
import { quarantineBlamed } from '../quarantine/blamed.ts';
import { keepAcceptedSchema } from '../runs/accepted-schema.ts';
import { type AppliedFiles, filesAppliedBy } from '../runs/applied-files.ts';
import { notRead } from '../runs/evidence.ts';
import { keys } from '../runs/keys.ts';
import { plan } from '../runs/plan.ts';
import type { Run } from '../runs/run.ts';
import { readDocument as readSchema } from '../schema/describe.ts';
import type { Assessment } from './assessment.ts';
import { classifyDamage } from './classify-damage.ts';
import { examineSchema } from './examine-schema.ts';

/**
 * What a run that failed did, and the quarantine of the files whose own SQL did it. They are quarantined before anything is put back:
 * whoever finishes a restore that this execution began, knows its run and not this assessment.
 */
export async function assessFailure(options: {
  client: ClientBase;
  documents: Documents;
  run: Run;
  now: () => Date;
}): Promise<Assessment> {
  const { documents, run, now } = options;
  const assessment = await assessDamage(options);
  // A quarantine that cannot be read is told by Conclude, which does the same.
  await quarantineBlamed({ documents, run, assessment, now: now() });
  return assessment;
}

/**
 * Gathers the evidence of a run whose sessions are ended, and classifies it. Changes nothing in the database. What the
 * database says that the run applied is kept beside the run's other documents; where it stopped cleanly in the middle of a
 * file, or nobody knows what the schema should be, so is the schema, for the run that goes on.
 */
export async function assessDamage(options: {
  client: ClientBase;
  documents: Documents;
  run: Run;
}): Promise<Assessment> {
  const { client, documents, run } = options;
  const planned = await readIfReadable(documents, keys.plan(run.id), plan);
  const released = run.release === null ? null : await readIfReadable(documents, run.release, release);
  const [journal, history] = [await readJournal(client, run.id), await readHistory(client)];
  const applied: AppliedFiles = { format: 1, run: run.id, files: filesAppliedBy(run.id, history, journal) };
  await putDocument(documents, keys.applied(run.id), applied, null);
  const known = { plan: planned.value, release: released?.value ?? null, journal };
  const schema = await examineSchema({ client, documents, run: run.id, ...known });
  const found = classifyDamage({ ...known, history, schema });
  if (found.state === 'AtVersion' && (isWithinFile(found.resumeAt) || schema.against !== 'expected')) {
    const now = await readSchema(client, {});
    await keepAcceptedSchema(documents, { database: run.database, run: run.id, version: found.after, schema: now });
  }
  const unread = [planned, released].flatMap((each) => (each?.unreadable ? [notRead(each.unreadable)] : []));
  return found.state === 'Unassessed' ? found : { ...found, notes: [...found.notes, ...unread] };
}

function isWithinFile(resumeAt: { step: number } | null): boolean {
  return resumeAt !== null && resumeAt.step > 1;
}
