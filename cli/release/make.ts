import { createHash } from 'node:crypto';
import type { Fault } from '../../lib/errors.ts';
import { readFacts } from '../../lib/lost-writes/statement-facts.ts';
import { droppedNames } from '../../lib/migrations/dropped-names.ts';
import { modeOf } from '../../lib/migrations/mode-of.ts';
import type { Release, ReleaseFile } from '../../lib/migrations/release.ts';
import { touchedNames } from '../../lib/migrations/touched-names.ts';
import { keys } from '../../lib/runs/keys.ts';
import type { Check } from '../../lib/schema/checks/check.ts';
import type { ExpectedSchemas } from '../../lib/schema/expected-schemas.ts';
import type { IgnoreRule } from '../../lib/schema/ignore.ts';
import type { Context } from '../command.ts';
import { faultLines } from '../result/fault-lines.ts';
import { cached } from './cache.ts';
import type { MigrationFile } from './folder.ts';
import { PROVED_BY, type Proof, proof, prove } from './prove.ts';
import { EMBEDDED, type Where, whereKey } from './prove-where.ts';

/** A release as it is put into the bucket: two documents, each under the SHA-256 of its bytes. */
export type MadeRelease = { release: Release; schemas: ExpectedSchemas; documents: { key: string; bytes: Buffer }[] };

/**
 * Makes the release of a folder's files: their text, and for each version the schema that they make of an empty
 * database, which a throw-away PostgreSQL tells. The same files are proved once only, but for a server that may have changed.
 *
 * A file that fails there is no reason to stop: on the real database it may do well, or be applied already, and if not, the
 * workflow says so with proof. Standard error is told.
 *
 * @param cache the folder of what was proved before; null for none
 * @throws DirectiveError for a first line that is nearly an instruction to us
 */
export async function makeRelease(options: {
  files: readonly MigrationFile[];
  ignore: readonly IgnoreRule[];
  /** Those that are safe on a real database go with the release. */
  checks?: readonly Check[];
  cache: string | null;
  /** The embedded PostgreSQL, as it comes, when left out. */
  where?: Where;
  context: Context;
}): Promise<MadeRelease> {
  const { cache, checks = [], context, ignore, where = EMBEDDED } = options;
  const files = await Promise.all(options.files.map(releaseFile));
  const place = whereKey(where);
  const key = sha256(JSON.stringify([PROVED_BY, place, files]));
  const make = () => prove(files, where, context);
  const folder = place === null ? null : cache;
  const { expected, schemas, failed, refusals } = await cached({ folder, key, schema: proof, make });
  warn(failed, refusals, context);
  const expectedSchemas = named(keys.schemas, schemas);
  const release: Release = {
    format: 1,
    target: files.at(-1)?.version ?? 0,
    files: files.map((file) => ({ ...file, refusal: refusals[file.file] ?? null })),
    schemas: expectedSchemas.key,
    checks: checks.filter(({ safe }) => safe),
    ignore: [...ignore],
    expected,
    unproven: failed === null ? null : { file: failed.file, message: failed.fault.message },
  };
  return { release, schemas, documents: [expectedSchemas, named(keys.release, release)] };
}

function named(key: (sha256: string) => string, document: Release | ExpectedSchemas) {
  const bytes = Buffer.from(JSON.stringify(document));
  return { key: key(sha256(bytes)), bytes };
}

function warn(failed: Proof['failed'], refusals: Proof['refusals'], { terminal }: Context): void {
  const tell = (warning: string, fault: Fault) => {
    terminal.err(`Warning: ${warning}`);
    for (const line of faultLines(fault)) terminal.err(`  ${line.replaceAll('\n', '\n  ')}`);
  };
  if (failed !== null) tell(`${failed.file} fails on an empty database, so that ${UNKNOWN}`, failed.fault);
  for (const [file, fault] of Object.entries(refusals)) {
    if (file !== failed?.file)
      tell(`${file} can be applied to no database; it is refused unless it is applied.`, fault);
  }
}

const UNKNOWN = 'nobody knows the schema from there on, and what a run did is told by its journal alone.';

/** A file as a release has it. @throws DirectiveError */
export async function releaseFile({ version, name, file, bytes, md5 }: MigrationFile): Promise<ReleaseFile> {
  const sql = bytes.toString('utf8');
  return {
    version,
    name,
    file,
    sha256: sha256(bytes),
    md5,
    mode: await modeOf(file, sql),
    drops: await droppedNames(sql),
    touches: await touchedNames(sql),
    facts: await readFacts(sql),
    sql,
  };
}

function sha256(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('hex');
}
