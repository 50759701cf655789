import type { RDSClient } from '@aws-sdk/client-rds';
import type { Documents } from '../documents/documents.ts';
import { checkCopy } from './copy-status.ts';
import { CopyFailedError } from './errors.ts';
import { again, finished, type Loop } from './loop.ts';
import { describeResource } from './settings/describe.ts';
import { needSettings } from './settings/document.ts';
import { notePhase } from './timings.ts';

/** The slowest storage loads a terabyte in about two hours. */
const MAX_SECONDS = 24 * 3600;

/** The other one, Optimizing, comes of a storage that has grown: its blocks are local all the while. */
const LOADING = 'Initializing';

export type Hydrated = Loop & {
  /** How much of the storage is local, in percent; null when nothing says so. */
  percent: number | null;
};

/**
 * Waits until the blocks of the copy's storage are local: before that each first read of one takes tens of milliseconds
 * (https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBInstance.html, StorageOperationStatus).
 *
 * @param options.wanted false when the person said not to wait
 * @throws CopyFailedError @throws RestoreOverdueError
 */
export async function hydrateCopy(options: {
  rds: RDSClient;
  documents: Documents;
  run: string;
  wanted: boolean;
  progress: { startedAt: string } | null;
  now: Date;
}): Promise<Hydrated> {
  const { rds, documents, run, wanted, now } = options;
  const startedAt = options.progress?.startedAt ?? now.toISOString();
  if (!wanted) return { ...finished(startedAt), percent: null };
  const { copy: known } = await needSettings(documents, run);
  const copy = known && (await describeResource(rds, known.resourceId));
  if (!copy) {
    throw new CopyFailedError(
      known ? `The copy ${known.identifier} (${known.resourceId}) is gone.` : 'There is no copy yet.',
      {
        remedy: 'See who deleted it (aws rds describe-events --duration 1440), and start the restore again.',
      },
    );
  }
  const percent = copy.StorageOperationPercentProgress ?? null;
  if (checkCopy(copy) && copy.StorageOperationStatus !== LOADING) {
    await notePhase(documents, run, { phase: 'hydration', since: startedAt, until: now.toISOString() });
    return { ...finished(startedAt), percent: 100 };
  }
  const remedy = 'Go on without: carthub-db restore --resume RUN --no-hydrate';
  const what = `Loading the storage of ${copy.DBInstanceIdentifier} (${percent ?? '?'}%)`;
  return { ...again(startedAt, { now, maxSeconds: MAX_SECONDS, what, remedy }), percent };
}
