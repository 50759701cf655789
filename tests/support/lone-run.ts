import type { Run } from '../../lib/runs/run.ts';

/** A migrate run of the database carthub, as AcquireLease makes one. */
export function loneRun(id: string, changes: Partial<Run> = {}): Run {
  return {
    ...{ id, execution: `arn:aws:states:eu-west-1:000000000000:execution:carthub-db-carthub-migrate:${id}` },
    ...{ kind: 'migrate', database: 'carthub', release: `releases/${'0'.repeat(64)}.json`, image: 'i', target: 2 },
    ...{
      onFailure: 'auto',
      onDrift: 'refuse',
      planDigest: null,
      reason: null,
      resumeAt: null,
      restore: null,
      backup: null,
    },
    ...{ requestedBy: 'a test', startedAt: '2026-01-01T00:00:00Z' },
    ...changes,
  };
}
