import type { SFNClient } from '@aws-sdk/client-sfn';
import { type Documents, readIfReadable } from '../documents/documents.ts';
import { type Recovery, readRestoreDocuments, recoveryOf } from '../restore/recovery.ts';
import type { Caught } from '../runs/cause.ts';
import { type End, endOf } from '../runs/conclude.ts';
import { keys } from '../runs/keys.ts';
import { record } from '../runs/record.ts';
import { refuseRun } from '../runs/refuse.ts';
import type { Run } from '../runs/run.ts';
import { adoptLease } from './adopt.ts';
import { endedLately, rootMachines } from './ended-lately.ts';
import { describeExecution } from './executions.ts';
import { readLease } from './store.ts';

export type Abandoned = {
  run: Run;
  token: number;
  /** Why the root execution is over; null when it was a database that could not be looked at before. */
  error: Caught | null;
  /** Set when the outcome is recorded and only the lease is left to be freed. */
  end: End | null;
  /** What the root left half done of putting its database back. */
  recovery: Recovery;
};

/**
 * Finds what a root execution left behind when it ended without finishing, and takes it over.
 *
 * @param ended the execution whose end woke the sweeper; null when the clock did, which then looks for ends whose event was
 *   lost. Of those that never had the lease the outcome is written here.
 */
export async function sweep(options: {
  documents: Documents;
  sfn: SFNClient;
  database: string;
  execution: string;
  ended: string | null;
  now: () => Date;
}): Promise<Abandoned | null> {
  const { documents, sfn, database, execution, ended, now } = options;
  const adopted = await adoptLease(options);
  const over = ended === null ? await endedLately(sfn, rootMachines(execution, database), now()) : [ended];
  for (const one of over) await recordUnleased({ documents, sfn, database, ended: one, now });
  if (adopted === null) return null;
  const { run, token, took } = adopted;
  if (took !== null && took !== run.execution) {
    // It was accept-state, which works on another run. Its word counts when it was recorded, also if the lease was not freed.
    const { value: word } = await readIfReadable(documents, keys.outcome(nameOf(took)), record);
    if (word?.outcome === 'Accepted') return { run, token, error: null, end: endOf(word), recovery: 'none' };
    if (word === null) await recordOver({ documents, sfn, database, ended: took, now });
  }
  // One that cannot be read tells nobody how the run ended: that is found out anew.
  const { value: stored } = await readIfReadable(documents, keys.outcome(run.id), record);
  if (stored !== null && stored.assessment?.state !== 'Unassessed') {
    return { run, token, error: null, end: endOf(stored), recovery: 'none' };
  }
  const error = stored === null ? await endOfRoot(sfn, run.execution) : null;
  // Nobody goes on with a restore whose root has told its outcome: that said what became of it.
  const recovery = stored === null ? recoveryOf(await readRestoreDocuments(documents, run.id)) : 'none';
  return { run, token, error, end: null, recovery };
}

function nameOf(execution: string): string {
  return execution.split(':').at(-1) ?? execution;
}

async function endOfRoot(sfn: SFNClient, execution: string): Promise<Caught> {
  const { status, error, cause } = await describeExecution(sfn, execution);
  if (error) return { Error: error, Cause: cause ?? '' };
  return { Error: 'ExecutionOverError', Cause: `The execution is ${status}${cause ? `: ${cause}` : '.'}` };
}

type Over = { documents: Documents; sfn: SFNClient; database: string; ended: string; now: () => Date };

/**
 * An execution that ended before it had the lease, and before it could say so: it started nothing.
 * Who has, or had, the lease is asked first: an outcome is written before a lease is freed, never after.
 */
async function recordUnleased(over: Over): Promise<void> {
  const lease = await readLease(over.documents, over.database);
  const named = [lease?.run?.execution, lease?.holder?.execution, lease?.holder?.took];
  if (!named.includes(over.ended)) await recordOver(over);
}

async function recordOver({ documents, sfn, database, ended, now }: Over): Promise<void> {
  const name = nameOf(ended);
  const [machine = ''] = ended.split(':').slice(-2);
  const kind = machine.replace(`carthub-db-${database}-`, '');
  if (kind === 'sweep' || (await readIfReadable(documents, keys.outcome(name), record)).etag !== null) return;
  const { running, startedAt } = await describeExecution(sfn, ended);
  if (running) return;
  await refuseRun({
    documents,
    unleased: {
      name,
      execution: ended,
      kind,
      database,
      startedAt: startedAt ?? '',
      error: await endOfRoot(sfn, ended),
    },
    now: now(),
  });
}
