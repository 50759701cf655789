import type { DBSnapshot } from '@aws-sdk/client-rds';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { putDocument } from '../../../lib/documents/documents.ts';
import { choosePrunable, type RunSnapshot } from '../../../lib/rds/prunable.ts';
import { pruneSnapshots } from '../../../lib/rds/prune-snapshots.ts';
import { DATABASE_TAG, EXPIRES_TAG, KEEP_TAG, RUN_TAG } from '../../../lib/rds/snapshot.ts';
import { keys } from '../../../lib/runs/keys.ts';
import { outcome } from '../../cli/record.ts';
import { type Bucket, openBucket } from '../../support/bucket.ts';
import { anySeed, randomFrom } from '../../support/random.ts';
import { rdsError, stubRds } from '../../support/rds-stub.ts';

const DAY = 86_400_000;
const NOW = new Date('2026-11-22T02:30:00Z');
const at = (daysAgo: number) => new Date(NOW.getTime() - daysAgo * DAY);

function snapshot(daysAgo: number, more: Partial<RunSnapshot> = {}): RunSnapshot {
  const made = { madeAt: at(daysAgo).toISOString(), expires: at(daysAgo - 14).toISOString() };
  return { id: `migrate-${daysAgo}`, run: `run-${daysAgo}`, status: 'available', ...made, keep: null, ...more };
}

const choose = (snapshots: RunSnapshot[], more: Partial<Parameters<typeof choosePrunable>[0]> = {}) =>
  choosePrunable({ snapshots, endOf: () => ({ outcome: 'Migrated' }), held: [], now: NOW, ...more });

test('a snapshot past its date goes, and the newest stays whatever its age', () => {
  expect(choose([snapshot(20), snapshot(40), snapshot(13)]).remove).toEqual(['migrate-20', 'migrate-40']);
  const { remove, kept } = choose([snapshot(20), snapshot(40)]);
  expect([remove, kept]).toEqual([['migrate-40'], [{ id: 'migrate-20', because: 'the newest' }]]);
});

test.each<[string, Partial<RunSnapshot>, Partial<Parameters<typeof choosePrunable>[0]>]>([
  ['that somebody protected', { keep: 'dirty' }, {}],
  ['of the run that the lease names', {}, { held: ['run-30'] }],
  ['of a run that nobody knows the end of', {}, { endOf: () => null }],
  ['of a run that left the database dirty', {}, { endOf: () => ({ outcome: 'FailedKept' }) }],
  ['of a run that ended in a way that is not known', {}, { endOf: () => ({ outcome: 'Novelty' }) }],
  ['whose date cannot be read', { expires: 'soon' }, {}],
  ['whose date was put off', { expires: at(-1).toISOString() }, {}],
  ['that is still being made', { status: 'creating' }, {}],
])('a snapshot %s stays', (_what, own, more) => {
  const { remove, kept } = choose([snapshot(0), snapshot(30, own)], more);
  expect(remove).toEqual([]);
  expect(kept.map(({ id }) => id)).toContain('migrate-30');
});

test('whatever there is, the newest available one and all that are protected, held, dirty or young stay', () => {
  const seed = anySeed();
  for (let n = 0; n < 300; n += 1) {
    const random = randomFrom(seed + n);
    const all = Array.from({ length: random.below(12) }, (_, day) =>
      snapshot(day * random.pick([1, 3, 9]), {
        ...{ id: `s-${day}`, run: `r-${day}`, status: random.pick(['available', 'available', 'creating', 'failed']) },
        keep: random.chance(0.1) ? 'asked' : null,
      }),
    );
    const ends = new Map(all.map(({ run }) => [run, random.pick(['Migrated', 'FailedKept', null])]));
    const held = all.filter(() => random.chance(0.1)).map(({ run }) => run);
    const endOf = (run: string) => (ends.get(run) ? { outcome: ends.get(run) ?? '' } : null);
    const { remove } = choose(all, { endOf, held });
    const newest = all
      .filter(({ status }) => status === 'available')
      .toSorted((a, b) => Date.parse(b.madeAt) - Date.parse(a.madeAt))[0];
    const wrong = all.filter(
      ({ id, run, keep, expires }) =>
        remove.includes(id) &&
        (id === newest?.id ||
          keep !== null ||
          held.includes(run) ||
          ends.get(run) !== 'Migrated' ||
          Date.parse(expires) > NOW.getTime()),
    );
    expect({ seed: seed + n, wrong }).toEqual({ seed: seed + n, wrong: [] });
  }
});

let bucket: Bucket;
beforeAll(async () => {
  bucket = await openBucket();
});
afterAll(() => bucket.close());

function stored(id: string, daysAgo: number, tags: Record<string, string>): DBSnapshot {
  const TagList = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  const made = { DBSnapshotIdentifier: id, DBInstanceIdentifier: 'carthub-db', SnapshotCreateTime: at(daysAgo) };
  return { ...made, Status: 'available', TagList };
}

test('only our own are looked at, what RDS refuses is told, and the rest goes on', async () => {
  const { documents } = bucket;
  const ours = (run: string, more: Record<string, string> = {}) => ({
    [RUN_TAG]: run,
    [DATABASE_TAG]: 'carthub',
    ...more,
  });
  for (const run of ['a', 'b', 'c', 'd', 'e']) {
    await putDocument(
      documents,
      keys.outcome(run),
      { ...outcome(), run, outcome: run === 'e' ? 'FailedKept' : 'Migrated' },
      null,
    );
  }
  const there = [
    stored('migrate-new', 1, ours('a')),
    stored('migrate-old', 30, ours('b')),
    stored('migrate-before-tags', 31, { [RUN_TAG]: 'c' }),
    stored('migrate-copied', 32, ours('d')),
    stored('migrate-dirty', 33, ours('e')),
    stored('migrate-no-outcome', 33, ours('f')),
    stored('migrate-kept', 34, ours('b', { [KEEP_TAG]: 'an audit' })),
    stored('migrate-put-off', 35, ours('b', { [EXPIRES_TAG]: at(-9).toISOString() })),
    stored('migrate-theirs', 40, { [RUN_TAG]: 'b', [DATABASE_TAG]: 'other' }),
    stored('of-a-person', 40, {}),
    stored('of-a-person-with-our-tags', 40, ours('b')),
  ];
  const deleted: string[] = [];
  const { rds } = stubRds({
    DescribeDBSnapshotsCommand: (input) =>
      'Marker' in input && input.Marker === 'next'
        ? { DBSnapshots: there.slice(6) }
        : { DBSnapshots: there.slice(0, 6), Marker: 'next' },
    DeleteDBSnapshotCommand: (input) => {
      const id = 'DBSnapshotIdentifier' in input ? (input.DBSnapshotIdentifier ?? '') : '';
      if (id === 'migrate-copied') throw rdsError('InvalidDBSnapshotStateFault');
      deleted.push(id);
      return {};
    },
  });
  const pruned = await pruneSnapshots({ rds, documents, database: 'carthub', instance: 'carthub-db', now: NOW });
  expect(deleted.toSorted()).toEqual(['migrate-before-tags', 'migrate-old']);
  expect(pruned.remove.toSorted()).toEqual(['migrate-before-tags', 'migrate-old']);
  expect(pruned.refused).toEqual([{ id: 'migrate-copied', reason: expect.stringContaining('InvalidDBSnapshotState') }]);
  expect(pruned.kept.map(({ id }) => id).toSorted()).toEqual([
    ...['migrate-dirty', 'migrate-kept', 'migrate-new', 'migrate-no-outcome', 'migrate-put-off'],
  ]);
});
