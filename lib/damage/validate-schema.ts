import type { ClientBase } from 'pg';
import { type Documents, readIfReadable, replaceDocument } from '../documents/documents.ts';
import { CarthubError } from '../errors.ts';
import { readJournal } from '../journal/journal.ts';
import { isProvable, type Release } from '../migrations/release.ts';
import { keepAcceptedSchema } from '../runs/accepted-schema.ts';
import { keys } from '../runs/keys.ts';
import { plan } from '../runs/plan.ts';
import type { Run } from '../runs/run.ts';
import { holdsAt } from '../schema/checks/check.ts';
import { runChecks } from '../schema/checks/run-checks.ts';
import { readDocument } from '../schema/describe.ts';
import { listed } from '../schema/listed.ts';
import { examineSchema } from './examine-schema.ts';

/** After the migration the schema is not what its files make of an empty database. */
export class SchemaMismatchError extends CarthubError {
  override readonly name = 'SchemaMismatchError';
}

/**
 * Is the database at the release's version, and is what this run was to make of it as its files make it of an empty database? What
 * differed before, and what somebody else did meanwhile, is listed and refuses nothing. Where the files cannot be applied to an
 * empty database, nobody knows what it should be: the schema is kept as the one that the next migration must find. The safe checks
 * run too; what they find is about rows, which no migration and no restore would put right, and so a warning.
 *
 * @throws SchemaMismatchError
 */
export async function validateSchema(options: {
  client: ClientBase;
  documents: Documents;
  run: Run;
  release: Release;
}): Promise<{ version: number; digest: string }> {
  const { client, documents, run, release } = options;
  const planned = await readIfReadable(documents, keys.plan(run.id), plan);
  const journal = await readJournal(client, run.id);
  const found = await examineSchema({ client, documents, run: run.id, release, plan: planned.value, journal });
  const { version, digest, against, differences } = found;
  const tellBroken = async () => {
    const broken = await brokenPromises(client, release, version);
    if (broken.length > 0) await replaceDocument(documents, keys.differences(run.id), { ...found, broken });
  };
  if (version !== release.target) {
    throw new SchemaMismatchError(`The history is at version ${version}, not ${release.target}.`, {
      remedy: 'Look at carthub_db.schemaversion and at the report of the run.',
    });
  }
  if (against !== 'expected') {
    if (isProvable(release, version)) {
      throw new SchemaMismatchError(found.unproven ?? 'Nobody knows what the schema should be.', {
        remedy: 'Look at the database; if it is right: carthub-db accept-state --reason TEXT',
      });
    }
    // All files are whole, and the next migration goes out from what they made of this database.
    const schema = await readDocument(client, {});
    await keepAcceptedSchema(documents, { database: run.database, run: run.id, version, schema });
    await tellBroken();
    return { version, digest };
  }
  const ours = differences.filter(({ whose }) => whose === 'ours');
  if (ours.length === 0) {
    await tellBroken();
    return { version, digest };
  }
  throw new SchemaMismatchError(`The schema is not that of version ${version}: ${listed(ours)}.`, {
    remedy: 'Look at each: carthub-db validate; put right what differs, in a migration or by hand.',
  });
}

async function brokenPromises(client: ClientBase, { checks = [] }: Release, version: number): Promise<string[]> {
  const due = checks.filter((check) => holdsAt(check, version));
  const results = await runChecks(client, due, 'real database');
  return results.flatMap(({ file, outcomes }) =>
    outcomes.flatMap(({ says, problem }) => (problem === null ? [] : [`${file}: ${says}: ${problem.message}`])),
  );
}
