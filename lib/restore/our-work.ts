import type { ClientBase } from 'pg';
import * as z from 'zod/mini';
import { type Documents, readIfReadable } from '../documents/documents.ts';
import { type JournalRow, readJournalSince } from '../journal/journal.ts';
import type { StatementFacts } from '../lost-writes/facts.ts';
import { describeOwnWork, type OwnWork } from '../lost-writes/own-work.ts';
import { eitherSideEffects, readSideEffects } from '../lost-writes/side-effects.ts';
import type { Sides } from '../lost-writes/survey.ts';
import { type Release, release } from '../migrations/release.ts';
import { keys } from '../runs/keys.ts';
import { plan } from '../runs/plan.ts';
import type { RestoreOrder } from './order.ts';

/** What runs of ours did since the moment to which the database is put back. */
export type OurRuns = {
  journal: JournalRow[];
  /** Of these runs, the last one's last; where a document is gone, so is what it told. */
  releases: Release[];
  /** The next id of a transaction, now that the runs are over. */
  next: string;
};

/**
 * Where the database goes back to before a run, what that run did is to be undone, and what later ones did, too. Where it goes back to a moment,
 * a migration is a write as any other.
 */
export async function readOurRuns(documents: Documents, order: RestoreOrder, { live, copy }: Sides): Promise<OurRuns> {
  const journal = order.to === 'run' ? await readJournalSince(live, copy) : [];
  const releases: Release[] = [];
  for (const run of new Set(journal.map(({ runId }) => runId))) {
    const { value: planned } = await readIfReadable(documents, keys.plan(run), plan);
    const found = planned && (await readIfReadable(documents, planned.release, release)).value;
    if (found) releases.push(found);
  }
  return { journal, releases, next: await readNext(live) };
}

export async function describeOurWork({ journal, releases, next }: OurRuns, { live, copy }: Sides): Promise<OwnWork> {
  const facts = new Map<string, StatementFacts[]>();
  for (const { sha256, facts: known } of releases.flatMap(({ files }) => files)) if (known) facts.set(sha256, known);
  const sideEffects = eitherSideEffects(await readSideEffects(live), await readSideEffects(copy));
  return describeOwnWork({ journal, facts, sideEffects, next });
}

async function readNext(client: ClientBase): Promise<string> {
  const { rows } = await client.query('select pg_snapshot_xmax(pg_current_snapshot())::text as next');
  return z.object({ next: z.string() }).parse(rows[0]).next;
}
