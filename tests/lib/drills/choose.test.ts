import { expect, test } from '@jest/globals';
import type { CatalogueEntry } from '../../../lib/backups/catalogue.ts';
import type { DrillRecord } from '../../../lib/backups/drill-record.ts';
import { chooseDrill } from '../../../lib/drills/choose.ts';
import { DrillRefusedError } from '../../../lib/drills/errors.ts';

const NOW = new Date('2026-11-22T06:00:00Z');
const DAY = 86_400_000;

/** A backup as far as the choice goes. */
function backup(id: string, digest: string, verified = true): CatalogueEntry {
  const stored = { key: 'k', size: 1, parts: 1, sha256: 'a', etag: 'e', versionId: null };
  const verification = {
    ...{ format: 1 as const, id, manifest: 'e', result: 'verified' as const, at: NOW.toISOString() },
    ...{ durationMs: 1, bytes: 1, tables: 1, rows: 1, findings: [] },
  };
  return {
    ...{ id, etag: 'e', bytes: 1, drill: null, changed: [], heldUntil: null },
    verification: verified ? verification : null,
    manifest: {
      ...{ format: 1, id, run: 'r', database: 'carthub', snapshotAt: NOW.toISOString(), lsn: '0/0' },
      ...{ completedAt: NOW.toISOString(), durationMs: 1, server: 'x', tool: 'x', major: 15, encoding: 'UTF8' },
      ...{ schema: { version: 3, digest }, extensions: [], tables: [], largeObjects: 0, encryptionKey: null },
      ...{ dump: [stored], globals: stored, schemaDocument: stored, restoreByHand: [] },
    },
  };
}

function drilled(daysAgo: number, ...digests: string[]): DrillRecord {
  const at = new Date(NOW.getTime() - daysAgo * DAY).toISOString();
  const last = { backup: 'b', at, restoreMs: 1, bytes: 1, schema: { version: 3, digest: digests[0] ?? '' } };
  return { format: 1, database: 'carthub', last, digests };
}

const choose = (
  backups: CatalogueEntry[],
  record: DrillRecord | null,
  more: Partial<Parameters<typeof chooseDrill>[0]['input']> = {},
) => chooseDrill({ backups, record, input: { backup: null, when: 'due', everyDays: 7, ...more }, now: NOW });

test.each<[string, DrillRecord | null, boolean]>([
  ['nothing was ever restored', null, true],
  ['its schema was never restored, however lately another was', drilled(0.1, 'old'), true],
  ['the last drill is as old as was asked for', drilled(6.99, 'new'), true],
  ['the last drill is younger', drilled(5.9, 'new'), false],
])('the newest verified backup is due or not when %s', (_what, record, due) => {
  const chosen = choose([backup('unread', 'newer', false), backup('n-2', 'new'), backup('n-1', 'old')], record);
  expect(chosen).toMatchObject({ due, backup: 'n-2' });
});

test('what was asked for now is done now, and what was named is taken whatever it is worth', () => {
  const all = [backup('n-2', 'new'), backup('bad', 'new', false)];
  expect(choose(all, drilled(0, 'new'), { when: 'now' })).toMatchObject({ due: true, backup: 'n-2' });
  expect(choose(all, drilled(0, 'new'), { backup: 'bad' })).toMatchObject({ due: true, backup: 'bad' });
});

test('what is not there, and nothing that is verified, is refused by name', () => {
  expect(() => choose([backup('n', 'd')], null, { backup: 'm' })).toThrow(DrillRefusedError);
  expect(() => choose([backup('n', 'd', false)], null)).toThrow('There is no verified backup.');
});
