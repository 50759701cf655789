import type { ClientBase } from 'pg';
import { type Documents, putDocument, readIfReadable } from '../documents/documents.ts';
import { readJournal } from '../journal/journal.ts';
import { stepStates } from '../journal/steps.ts';
import { readHistory, versionOf } from '../migrations/history.ts';
import { acceptedSchema } from '../runs/accepted-schema.ts';
import { jobName, keys } from '../runs/keys.ts';
import type { Run } from '../runs/run.ts';
import { schemaDigest } from '../schema/digest.ts';
import { assessDamage } from './assess-damage.ts';
import type { Assessment } from './assessment.ts';
import { endBackends } from './end-backends.ts';

/**
 * Takes the database as it is, on a person's word: ends what the run that left it may still have, looks at it anew, and notes
 * in the journal that its open steps are accepted.
 *
 * @returns what was found before anything was noted
 */
export async function acceptState(options: {
  client: ClientBase;
  documents: Documents;
  run: Run;
  dirtyRun: Run;
  token: number;
}): Promise<{ assessment: Assessment }> {
  const { client, documents, run, dirtyRun, token } = options;
  await endBackends({ client, applicationName: jobName(dirtyRun.database, dirtyRun.id), token });
  const assessment = await assessDamage({ client, documents, run: dirtyRun });
  await acceptSteps(client, run, dirtyRun, token);
  await acceptSchema(client, documents, run);
  return { assessment: withNotes(assessment) };
}

async function acceptSchema(client: ClientBase, documents: Documents, run: Run): Promise<void> {
  const key = keys.accepted(run.database);
  const version = versionOf(await readHistory(client)) ?? 0;
  const taken = { format: 1, version, digest: await schemaDigest(client), run: run.id };
  const before = await readIfReadable(documents, key, acceptedSchema);
  await putDocument(documents, key, taken, before.etag);
}

/** Only a step whose end nobody knows needs a person's word; what is done is done, what was refused runs again. */
async function acceptSteps(client: ClientBase, run: Run, dirtyRun: Run, token: number): Promise<void> {
  const journal = await readJournal(client, dirtyRun.id);
  for (const [file, rows] of Map.groupBy(journal, (row) => row.file)) {
    for (const [step, state] of stepStates(rows)) {
      const [row] = rows;
      if (state !== 'begun' || !row) continue;
      await client.query(
        `insert into carthub_db.journal (run_id, token, version, file, sha256, step, state) values ($1, $2, $3, $4, $5, $6, 'accepted')`,
        [run.id, token, row.version, file, row.sha256, step],
      );
    }
  }
}

/** Where the next run goes on in each file that was left in the middle: the person who accepts must know. */
function withNotes(assessment: Assessment): Assessment {
  if (assessment.state !== 'Dirty') return assessment;
  const open = Map.groupBy(assessment.steps, (step) => step.file);
  const notes = [...open].map(([file, steps]) => {
    const done = steps.filter((step) => step.end === 'done').length;
    return `The next run goes on in ${file} with statement ${done + 1}; ${done === 0 ? 'none' : `the first ${done}`} counts as done.`;
  });
  return { ...assessment, notes: [...assessment.notes, ...notes] };
}
