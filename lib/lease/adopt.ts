import type { SFNClient } from '@aws-sdk/client-sfn';
import type { Documents } from '../documents/documents.ts';
import type { Run } from '../runs/run.ts';
import { describeHolder } from './executions.ts';
import type { Lease } from './lease.ts';
import { changeLease } from './store.ts';

/**
 * `run` is the one whose effects are to be settled: a restore that held the lease, else whoever left the database as it is.
 * `took` is the root execution that left the lease, null when none held it.
 */
export type Adopted = { token: number; run: Run; took: string | null };

/**
 * Takes over a lease whose holder's root execution is over, or that of a database that could not be assessed yet, with a
 * new token, for the sweeper `execution`. Null when there is nothing to take over: free, or held by somebody alive.
 */
export async function adoptLease(options: {
  documents: Documents;
  sfn: SFNClient;
  database: string;
  execution: string;
  now: () => Date;
}): Promise<Adopted | null> {
  const { documents, sfn, database, execution, now } = options;
  return changeLease<Adopted | null>(documents, database, async (current) => {
    const left = current.restore ?? current.run;
    if (current.holder?.execution === execution && left !== null) {
      return { write: null, answer: { token: current.token, run: left, took: current.holder.took } };
    }
    if (left === null || !(await isAbandoned(sfn, current, now()))) return { write: null, answer: null };
    const token = current.token + 1;
    // A sweeper that died had taken it over from somebody, whose end is still to be told.
    const took = current.holder?.kind === 'sweep' ? current.holder.took : (current.holder?.execution ?? null);
    return {
      write: { ...current, token, holder: { execution, kind: 'sweep', since: now().toISOString(), took } },
      answer: { token, run: left, took },
    };
  });
}

async function isAbandoned(sfn: SFNClient, current: Lease, now: Date): Promise<boolean> {
  if (current.holder === null) return current.dirty?.assessed === false;
  return !(await describeHolder(sfn, current.holder, now)).running;
}
