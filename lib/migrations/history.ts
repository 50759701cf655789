import type { ClientBase } from 'pg';
import * as z from 'zod/mini';
import { CarthubError } from '../errors.ts';
import { bigint } from '../postgres/columns.ts';
import type { Release, ReleaseFile } from './release.ts';

const appliedRow = z.object({
  version: bigint,
  name: z.nullable(z.string()),
  md5: z.nullable(z.string()),
  run_at: z.nullable(z.date()),
  sha256: z.nullable(z.string()),
  run_id: z.nullable(z.string()),
  duration_ms: z.nullable(z.int()),
});

/** A version that is in the database, as the history table keeps it. */
export type Applied = {
  version: number;
  name: string | null;
  md5: string | null;
  /** null where postgrator wrote the row. */
  sha256: string | null;
  runAt: Date | null;
  runId: string | null;
  durationMs: number | null;
};

/** A file was changed after it was applied: what the database has is no longer what the file says. */
export class ChangedFileError extends CarthubError {
  override readonly name = 'ChangedFileError';
}

/** A file came in late, below a version that is already applied: applying it now would make an order that nobody tested. */
export class LateFileError extends CarthubError {
  override readonly name = 'LateFileError';
}

/** A version is applied whose file this release no longer has. */
export class MissingFileError extends CarthubError {
  override readonly name = 'MissingFileError';
}

/** The database is at a higher version than this release knows: an older release, or one of another branch. */
export class DatabaseAheadError extends CarthubError {
  override readonly name = 'DatabaseAheadError';
}

/** Every applied version, lowest first; none when our tables are not there yet. Changes nothing. */
export async function readHistory(client: ClientBase): Promise<Applied[]> {
  const { rows: there } = await client.query(`select to_regclass('carthub_db.schemaversion') as history`);
  if (there[0]?.history === null) return [];
  const { rows } = await client.query(
    `select version, name, md5, run_at, sha256, run_id, duration_ms
     from carthub_db.schemaversion
     -- Version 0 is what postgrator writes when it makes the table.
     where version > 0 order by version`,
  );
  return rows.map((row) => {
    const { run_at, run_id, duration_ms, ...rest } = appliedRow.parse(row);
    return { ...rest, runAt: run_at, runId: run_id, durationMs: duration_ms };
  });
}

/** The highest applied version, null for a database that none was applied to. */
export function versionOf(history: readonly Applied[]): number | null {
  return history.at(-1)?.version ?? null;
}

/**
 * The files of the release that the database lacks, lowest first.
 *
 * @throws DatabaseAheadError, MissingFileError, ChangedFileError, LateFileError
 */
export function planPending(history: readonly Applied[], release: Release): ReleaseFile[] {
  const files = new Map(release.files.map((file) => [file.version, file]));
  const current = versionOf(history) ?? 0;
  if (current > release.target) {
    throw new DatabaseAheadError(`The database is at version ${current}; this release ends at ${release.target}.`, {
      remedy: 'Deploy a release that holds every applied version, or restore the database to before them.',
    });
  }
  for (const applied of history) {
    const file = files.get(applied.version);
    if (!file) {
      throw new MissingFileError(
        `Version ${applied.version} (${applied.name ?? 'no name'}) is applied, but its file is not in this release.`,
        {
          remedy: `Bring the file back into the migrations folder as it was applied${when(applied)}.`,
        },
      );
    }
    if (isChanged(applied, file)) {
      throw new ChangedFileError(`${file.file} was changed after it was applied${when(applied)}.`, {
        remedy:
          'Put the file back as it was (git log -- FILE), and make the change in a new file with a higher version.',
        place: { file: file.file, line: null, column: null, caret: null },
      });
    }
  }
  const done = new Set(history.map((applied) => applied.version));
  const pending = release.files.filter((file) => !done.has(file.version)).sort((a, b) => a.version - b.version);
  const [first] = pending;
  if (first && first.version < current) {
    throw new LateFileError(`${first.file} is not applied, but version ${current}, which comes after it, is.`, {
      remedy: `Give the file a version above ${current}.`,
      place: { file: first.file, line: null, column: null, caret: null },
    });
  }
  return pending;
}

function isChanged(applied: Applied, file: ReleaseFile): boolean {
  if (applied.sha256 !== null) return applied.sha256 !== file.sha256;
  return applied.md5 !== null && applied.md5 !== file.md5;
}

function when(applied: Applied): string {
  const at = applied.runAt ? ` at ${applied.runAt.toISOString()}` : '';
  return applied.runId ? `${at} by run ${applied.runId}` : at;
}
