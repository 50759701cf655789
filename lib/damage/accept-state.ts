import type { ClientBase } from 'pg';
import { type Documents, readIfReadable } from '../documents/documents.ts';
import { readOpenSteps } from '../journal/journal.ts';
import { writeEntry } from '../journal/record.ts';
import { finished, stepsOf } from '../journal/steps.ts';
import { readHistory, versionOf } from '../migrations/history.ts';
import { release } from '../migrations/release.ts';
import { keepAcceptedSchema } from '../runs/accepted-schema.ts';
import { jobName } from '../runs/keys.ts';
import type { Run } from '../runs/run.ts';
import { readDocument } from '../schema/describe.ts';
import { assessDamage } from './assess-damage.ts';
import type { Assessment } from './assessment.ts';
import { endBackends } from './end-backends.ts';
import { refuseResumeAt } from './resume-at.ts';

/**
 * Takes the database as it is, on a person's word: ends what the run that left it may still have, looks at it anew, and notes
 * in the journal what becomes of its open steps: they run again, or count as done where the person says so (`resumeAt`).
 *
 * @returns what was found before anything was noted
 * @throws ResumeAtError before anything was noted
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
  const released = dirtyRun.release === null ? null : await readIfReadable(documents, dirtyRun.release, release);
  if (run.resumeAt !== null) refuseResumeAt(run.resumeAt, await readOpenSteps(client), released?.value ?? null);
  await acceptSteps(client, run, token);
  const version = versionOf(await readHistory(client)) ?? 0;
  const schema = await readDocument(client, {});
  await keepAcceptedSchema(documents, { database: run.database, run: run.id, version, schema });
  return { assessment: await withNotes(client, assessment) };
}

/** Only a step whose end nobody knows needs a person's word; what is done is done, what was refused runs again. */
async function acceptSteps(client: ClientBase, run: Run, token: number): Promise<void> {
  const open = Map.groupBy(await readOpenSteps(client), (row) => row.version);
  await client.query('begin');
  try {
    for (const rows of open.values()) {
      const steps = stepsOf(rows);
      const done = finished(steps).length;
      for (const { number, state, statement, row } of steps) {
        const counts = row.file === run.resumeAt?.file && number < run.resumeAt.step;
        if (number <= done || (state !== 'unknown' && !counts)) continue;
        const detail = { statement, again: !counts };
        await writeEntry(client, { run: run.id, token }, { file: row, step: number, state: 'accepted', detail });
      }
    }
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw error;
  }
}

/** Where the next run goes on in each file that was left in the middle: the person who accepts must know. */
async function withNotes(client: ClientBase, assessment: Assessment): Promise<Assessment> {
  if (assessment.state !== 'Dirty') return assessment;
  const open = Map.groupBy(await readOpenSteps(client), (row) => row.file);
  const notes = [...open].map(([file, rows]) => {
    const done = finished(stepsOf(rows)).length;
    return `The next run goes on in ${file} with statement ${done + 1}; ${done === 0 ? 'none' : `the first ${done}`} counts as done.`;
  });
  return { ...assessment, notes: [...assessment.notes, ...notes] };
}
