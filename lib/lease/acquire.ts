import type { SFNClient } from '@aws-sdk/client-sfn';
import { type Documents, readIfReadable } from '../documents/documents.ts';
import { keys } from '../runs/keys.ts';
import { record } from '../runs/record.ts';
import type { Run } from '../runs/run.ts';
import {
  DatabaseDirtyError,
  DatabaseNotDirtyError,
  LeaseAbandonedError,
  LeaseBusyError,
  LeaseHeldError,
  LeaseRecoveringError,
  RunOverError,
} from './errors.ts';
import { describeHolder } from './executions.ts';
import type { Holder, Lease } from './lease.ts';
import { changeLease } from './store.ts';

/** The new token, and the run whose effects are not settled: the run itself, or the one that left a database dirty. */
export type Acquired = { token: number; unsettled: Run };

/**
 * Takes the lease of the run's database for the run's root execution, with a new token.
 *
 * Who asks twice gets the same token. A dirty database is had only for `accept-state` and `restore`. Whoever is refused is told
 * who has it, and since when.
 */
export async function acquireLease(options: {
  documents: Documents;
  sfn: SFNClient;
  run: Run;
  now: () => Date;
}): Promise<Acquired> {
  const { documents, sfn, run, now } = options;
  if ((await readIfReadable(documents, keys.outcome(run.id), record)).etag !== null) throw overRefusal(run);
  return changeLease<Acquired>(documents, run.database, async (current) => {
    if (current.holder?.execution === run.execution) {
      return { write: null, answer: { token: current.token, unsettled: current.run ?? run } };
    }
    if (current.holder !== null) {
      const refused = await refusal({ sfn, run, current, holder: current.holder, now: now() });
      if (!(refused instanceof LeaseHeldError && goesBefore(run, current.holder))) throw refused;
    }
    if (current.dirty !== null && !MENDING.has(run.kind)) throw dirtyRefusal(current);
    if (current.dirty === null && run.kind === 'accept-state') throw cleanRefusal(current);
    const unsettled = current.dirty === null ? run : (current.run ?? run);
    const token = current.token + 1;
    return {
      write: {
        ...current,
        token,
        holder: { execution: run.execution, kind: run.kind, since: now().toISOString(), took: null },
        run: unsettled,
        restore: run.kind === 'restore' ? run : null,
      },
      answer: { token, unsettled },
    };
  });
}

/** A backup only reads, and can be made anew: it sees that it has lost the lease, and ends. */
function goesBefore(run: Run, holder: Holder): boolean {
  return run.kind === 'restore' && holder.kind === 'backup';
}

/** What may be done with a dirty database. */
const MENDING: ReadonlySet<Run['kind']> = new Set(['accept-state', 'restore']);

async function refusal(options: {
  sfn: SFNClient;
  run: Run;
  current: Lease;
  holder: Holder;
  now: Date;
}): Promise<Error> {
  const { sfn, run, current, holder, now } = options;
  const who = `${holder.kind} ${holder.execution.split(':').at(-1) ?? holder.execution}`;
  const { running, status } = await describeHolder(sfn, holder, now);
  if (!running) {
    return new LeaseAbandonedError(`${current.database} was held by ${who}, which is ${status} and did not free it.`, {
      remedy: 'The sweeper finds out what it did, within a minute; then start again.',
    });
  }
  if (holder.kind === 'sweep') {
    return new LeaseRecoveringError(`${current.database} is being recovered by ${who}, since ${holder.since}.`, {
      remedy: 'Wait until the sweeper has found out what the run before did, then start again.',
    });
  }
  const Refusal = isPatient(run, now) ? LeaseBusyError : LeaseHeldError;
  return new Refusal(`${current.database} is held by ${who}, since ${holder.since} (${holder.execution}).`, {
    remedy: `Wait for it to end, or stop it: aws stepfunctions stop-execution --execution-arn ${holder.execution}`,
  });
}

/** A night's backup waits for a migration. */
function isPatient({ backup, startedAt }: Run, now: Date): boolean {
  return backup !== null && now.getTime() - Date.parse(startedAt) < backup.patience * 1000;
}

function overRefusal(run: Run): Error {
  return new RunOverError(`The run ${run.id} has its outcome already: runs/${run.id}.json.`, {
    remedy: 'Start a new execution, under a name of its own; a redrive does not make a second run.',
  });
}

function dirtyRefusal(current: Lease): Error {
  const mark = current.dirty;
  return new DatabaseDirtyError(
    `${current.database} is marked dirty since ${mark?.since ?? ''} by run ${mark?.run ?? ''}: ${mark?.reason ?? ''}`,
    {
      remedy: mark?.assessed
        ? 'Look at runs/<id>.json of that run. Then put the database back: carthub-db restore; or put it right by hand and take it as it is: carthub-db accept-state --reason TEXT'
        : 'It could not be looked at yet. The sweeper assesses it when it answers again; or: carthub-db restore; or: carthub-db accept-state --reason TEXT',
    },
  );
}

function cleanRefusal(current: Lease): Error {
  return new DatabaseNotDirtyError(`${current.database} carries no dirty mark.`, {
    remedy: 'There is nothing to accept: start a migration.',
  });
}
