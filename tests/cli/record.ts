import type { OutcomeRecord } from '../../lib/runs/record.ts';

/** An outcome as Conclude writes it. */
export function outcome(changes: Partial<OutcomeRecord> = {}): OutcomeRecord {
  return {
    format: 1,
    run: 'carthub-20260101T120000Z-0a1b',
    kind: 'migrate',
    execution:
      'arn:aws:states:eu-west-1:000000000000:execution:carthub-db-carthub-migrate:carthub-20260101T120000Z-0a1b',
    database: 'carthub',
    outcome: 'Migrated',
    version: { before: 0, after: 2 },
    files: [
      { version: 1, file: '001.do.a.sql', durationMs: 12 },
      { version: 2, file: '002.do.b.sql', durationMs: 1_300 },
    ],
    snapshot: 'migrate-0123456789abcdef0123',
    ...{ restore: null, backup: null },
    resumeAt: null,
    error: null,
    assessment: null,
    reassessed: null,
    ...{ differences: [], warnings: [], notes: [] },
    requestedBy: 'anna@laptop',
    reason: null,
    startedAt: '2026-01-01T12:00:00.000Z',
    endedAt: '2026-01-01T12:00:05.000Z',
    ...changes,
  };
}
