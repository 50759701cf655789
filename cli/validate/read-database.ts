import type { Client } from 'pg';
import * as z from 'zod/mini';
import { readOpenSteps } from '../../lib/journal/journal.ts';
import { type Applied, planPending, readHistory, versionOf } from '../../lib/migrations/history.ts';
import { isProvable } from '../../lib/migrations/release.ts';
import { type Check, holdsAt } from '../../lib/schema/checks/check.ts';
import { runChecks } from '../../lib/schema/checks/run-checks.ts';
import { compareWithDocument } from '../../lib/schema/compare-database.ts';
import { keyOf, type SchemaDocument } from '../../lib/schema/document.ts';
import { schemaAt } from '../../lib/schema/expected-schemas.ts';
import { readWarnings } from '../../lib/schema/warnings/read-warnings.ts';
import type { MadeRelease } from '../release/make.ts';
import { changedBy } from './changed-by.ts';
import { asInput, UnknownSchemaError } from './input.ts';
import type { Validation } from './validation.ts';

export type ValidateOptions = {
  made: MadeRelease;
  checks: readonly Check[];
  columnOrder: 'compared' | 'ignored';
  /** What the last run left, where nobody knows what the schema should be; null when nothing is kept. */
  left?: LeftSchema | null;
};

export type LeftSchema = { run: string; version: number; schema: SchemaDocument };

/**
 * Compares a database with what the release says of the version at which its history stands; where nobody knows that, with what the
 * last run left. Changes nothing.
 *
 * @throws InputError when the history is not of this folder, or nobody knows the schema of that version
 */
export async function readDatabase(client: Client, options: ValidateOptions): Promise<Omit<Validation, 'database'>> {
  const { release, schemas } = options.made;
  const migrator = await whoMigrates(client);
  for (let history = await readHistory(client); ; ) {
    const known = history;
    const version = versionOf(known) ?? 0;
    const pending = await asInput(async () => planPending(known, release));
    const left = isProvable(release, version) || options.left?.version !== version ? null : options.left;
    if (left === null && !isProvable(release, version)) throw unknown(version, release.unproven);
    const { differences, ...comparison } = await compareWithDocument(
      client,
      () => left?.schema ?? schemaAt(schemas, version) ?? new Map(),
      { ignore: release.ignore, columnOrder: options.columnOrder, migrator },
    );
    const now = await readHistory(client);
    if (!isSame(known, now)) {
      // A run went on meanwhile: what was compared with its schema is of another version by now.
      history = now;
      continue;
    }
    const checks = await runChecks(
      client,
      options.checks.filter((check) => holdsAt(check, version)),
      'real database',
    );
    const writers = await changedBy(client, { migrator }, differences);
    const open = await readOpenSteps(client);
    return {
      version,
      asLeftBy: left?.run ?? null,
      pending: pending.map(({ file }) => file),
      unfinished: [...new Set(open.map(({ file }) => file))],
      equal: comparison.equal && checks.every(({ passed }) => passed),
      schema: {
        ...comparison,
        differences: differences.map((one) => ({ ...one, changedBy: writers.get(keyOf(one)) ?? null })),
      },
      checks,
      warnings: await readWarnings(client),
    };
  }
}

const owner = z.object({ name: z.string() });

/** The role that owns our tables; where there are none, the one that asks. So another role than the one that migrates may ask. */
async function whoMigrates(client: Client): Promise<string> {
  const { rows } = await client.query(
    `select coalesce((select pg_get_userbyid(relowner) from pg_class where oid = to_regclass('carthub_db.schemaversion')), current_user)::text as name`,
  );
  return owner.parse(rows[0]).name;
}

function isSame(one: readonly Applied[], other: readonly Applied[]): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function unknown(version: number, unproven: { file: string; message: string } | null): UnknownSchemaError {
  const why = unproven ? `: ${unproven.file} fails on an empty database: ${unproven.message}` : '.';
  return new UnknownSchemaError(`Nobody knows what the schema of version ${version} should be${why}`, {
    remedy: 'Give what your platform provides with --prelude FILE, or try the files where it is: --server URL',
  });
}
