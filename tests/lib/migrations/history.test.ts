import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Applied, planPending, readHistory, versionOf } from '../../../lib/migrations/history.ts';
import type { Release, ReleaseFile } from '../../../lib/migrations/release.ts';
import { CREATE_OWN_TABLES } from '../../../lib/postgres/tables.ts';
import { startPostgres, type TestPostgres, withDatabase } from '../../support/postgres.ts';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.stop());

function file(version: number): ReleaseFile {
  const sha256 = `${version}`.repeat(64).slice(0, 64);
  return {
    version,
    name: 'x',
    file: `${version}.do.x.sql`,
    sha256,
    md5: `m${version}`,
    mode: 'transaction',
    drops: [],
    touches: [],
    sql: '',
  };
}

function releaseOf(...versions: number[]): Release {
  const proved = { schemas: 'schemas/0.json', ignore: [], expected: {}, unproven: null };
  return { format: 1, target: Math.max(0, ...versions), files: versions.map(file), ...proved };
}

function applied(version: number, change: Partial<Applied> = {}): Applied {
  const { sha256, md5 } = file(version);
  return { version, name: 'x', md5, sha256, runAt: null, runId: null, durationMs: null, ...change };
}

test('what is pending is what the database lacks, lowest version first', () => {
  expect(planPending([applied(1), applied(2)], releaseOf(10, 1, 9, 2)).map((one) => one.version)).toEqual([9, 10]);
  expect(planPending([], releaseOf(1)).map((one) => one.version)).toEqual([1]);
  expect(planPending([applied(1)], releaseOf(1))).toEqual([]);
});

test('a file that was changed after it was applied is refused by name, with who applied it', () => {
  const history = [applied(1, { sha256: 'f'.repeat(64), runId: 'run-7', runAt: new Date(0) })];
  expect(() => planPending(history, releaseOf(1, 2))).toThrow(
    expect.objectContaining({
      name: 'ChangedFileError',
      message: '1.do.x.sql was changed after it was applied at 1970-01-01T00:00:00.000Z by run run-7.',
      remedy: expect.stringContaining('Put the file back'),
      place: expect.objectContaining({ file: '1.do.x.sql' }),
    }),
  );
});

test("a row that postgrator wrote is compared by postgrator's own checksum", () => {
  expect(planPending([applied(1, { sha256: null })], releaseOf(1))).toEqual([]);
  expect(() => planPending([applied(1, { sha256: null, md5: 'other' })], releaseOf(1))).toThrow(
    expect.objectContaining({ name: 'ChangedFileError' }),
  );
});

test('a version below the current one that came in late is refused, never skipped', () => {
  expect(() => planPending([applied(1), applied(3)], releaseOf(1, 2, 3))).toThrow(
    expect.objectContaining({ name: 'LateFileError', remedy: 'Give the file a version above 3.' }),
  );
});

test('an applied version without a file is refused', () => {
  expect(() => planPending([applied(1), applied(2)], releaseOf(2, 3))).toThrow(
    expect.objectContaining({ name: 'MissingFileError', message: expect.stringContaining('Version 1 ') }),
  );
});

test('a database ahead of the release is refused', () => {
  expect(() => planPending([applied(1), applied(2)], releaseOf(1))).toThrow(
    expect.objectContaining({
      name: 'DatabaseAheadError',
      message: 'The database is at version 2; this release ends at 1.',
    }),
  );
});

test('a database that was never migrated has no history, and reading it changes nothing', async () => {
  await withDatabase(await postgres.freshDatabase(), async (client) => {
    expect(await readHistory(client)).toEqual([]);
    expect((await client.query(`select to_regnamespace('carthub_db') as schema`)).rows).toEqual([{ schema: null }]);
  });
});

test('the history is read in the order of versions, and the row of version 0 that postgrator makes is no version', async () => {
  await withDatabase(await postgres.freshDatabase(), async (client) => {
    await client.query(CREATE_OWN_TABLES);
    await client.query(`insert into carthub_db.schemaversion (version, name, md5, sha256, run_id, duration_ms, run_at) values
      (10, 'b', 'm', null, null, null, null), (0, null, null, null, null, null, null), (9, 'a', 'm', 's', 'r', 5, '2024-01-02T03:04:05Z')`);
    const history = await readHistory(client);
    expect(history).toEqual([
      {
        version: 9,
        name: 'a',
        md5: 'm',
        sha256: 's',
        runId: 'r',
        durationMs: 5,
        runAt: new Date('2024-01-02T03:04:05Z'),
      },
      { version: 10, name: 'b', md5: 'm', sha256: null, runId: null, durationMs: null, runAt: null },
    ]);
    expect(versionOf(history)).toBe(10);
    expect(versionOf([])).toBeNull();
  });
});
