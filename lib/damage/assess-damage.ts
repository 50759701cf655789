import type { ClientBase } from 'pg';
import { type Documents, readDocument } from '../documents/documents.ts';
import { readJournal } from '../journal/journal.ts';
import { readHistory } from '../migrations/history.ts';
import { release } from '../migrations/release.ts';
import { keys } from '../runs/keys.ts';
import { plan } from '../runs/plan.ts';
import type { Run } from '../runs/run.ts';
import { schemaDigest } from '../schema/digest.ts';
import type { Assessment } from './assessment.ts';
import { classifyDamage } from './classify-damage.ts';

/** Gathers the evidence of a run whose sessions are ended, and classifies it. Changes nothing. */
export async function assessDamage(options: {
  client: ClientBase;
  documents: Documents;
  run: Run;
}): Promise<Assessment> {
  const { client, documents, run } = options;
  const planned = await readDocument(documents, keys.plan(run.id), plan);
  const released = run.release === null ? null : await readDocument(documents, run.release, release);
  return classifyDamage({
    plan: planned?.value ?? null,
    release: released?.value ?? null,
    journal: await readJournal(client, run.id),
    history: await readHistory(client),
    digest: await schemaDigest(client),
  });
}
