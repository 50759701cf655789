import { join, resolve } from 'node:path';
import type { Documents } from '../../lib/documents/documents.ts';
import { readAcceptedDocument, readAcceptedSchema } from '../../lib/runs/accepted-schema.ts';
import { EXIT_FAULT, EXIT_USAGE } from '../../lib/runs/outcome.ts';
import { readChecks } from '../check/read-checks.ts';
import type { Command, Context } from '../command.ts';
import { unlessInterrupted } from '../interruption.ts';
import { CHECKOUT, quoted, readTarget, TARGET_OPTIONS, type Target, withTarget } from '../options.ts';
import { readMigrations } from '../release/folder.ts';
import { readIgnoreRules } from '../release/ignore.ts';
import { makeRelease } from '../release/make.ts';
import { readWhere, WHERE_OPTIONS, type Where } from '../release/prove-where.ts';
import { findDatabase } from '../stack/find-database.ts';
import { withDatabase } from '../stack/with-database.ts';
import { asInput } from '../validate/input.ts';
import { validationLines } from '../validate/lines.ts';
import { type LeftSchema, readDatabase } from '../validate/read-database.ts';
import type { Validation } from '../validate/validation.ts';

export type ValidateSettings = {
  target: Target;
  migrations: string;
  secret: string | null;
  where: Where;
  columnOrder: 'compared' | 'ignored';
};

/**
 * Is the schema of the database what the migrations say at the version at which its history stands? Connects as `query` does, in a
 * session that cannot write.
 */
export async function validate(settings: ValidateSettings, context: Context): Promise<Validation> {
  const { target, migrations, secret, where, columnOrder } = settings;
  const files = await readMigrations(migrations);
  const [ignore, checks] = await asInput(() => Promise.all([readIgnoreRules(migrations), readChecks(migrations)]));
  const data = target.local?.data ?? null;
  const cache = data === null ? null : join(data, 'releases');
  const making = asInput(() => makeRelease({ files, ignore, cache, where, context }));
  const validating = withTarget(target, context, async (used) => {
    await findDatabase(used.stack, 'migrate');
    const made = await making;
    const documents = { s3: used.stack.s3, bucket: used.stack.names.bucket };
    const left = made.release.unproven === null ? null : await readLeft(documents, target.database);
    return withDatabase({ used, secret, as: 'carthub-db validate', context, readOnly: true }, (client) =>
      unlessInterrupted(context.interrupted, readDatabase(client, { made, checks, columnOrder, left })),
    );
  });
  const [made, found] = await Promise.allSettled([making, validating]);
  if (found.status === 'fulfilled') return { database: target.database, ...found.value };
  throw made.status === 'rejected' ? made.reason : found.reason;
}

/** The schema that the last run left; null when none is kept whole. */
async function readLeft(documents: Documents, database: string): Promise<LeftSchema | null> {
  const accepted = await readAcceptedSchema(documents, database);
  const schema = accepted === null ? null : await readAcceptedDocument(documents, accepted);
  return accepted === null || schema === null ? null : { run: accepted.run, version: accepted.version, schema };
}

export const validateCommand: Command = {
  positional: null,
  options: {
    migrations: {
      value: 'DIR',
      help: 'the folder with VERSION.do.NAME.sql files, ignore.json and checks (default: migrations in the checkout)',
    },
    'column-order': { help: 'columns must also come in the same order, which an undo cannot give back' },
    ...WHERE_OPTIONS,
    ...TARGET_OPTIONS,
    secret: { value: 'ID', help: 'the secret with its credentials (default: NAME-db/master)' },
    json: {
      help: 'print one JSON document: { "database", "version", "equal", "schema", "checks", "warnings", ... }',
    },
  },
  exits: [
    { code: 0, when: 'the schema is what the migrations say, and every check holds' },
    {
      code: EXIT_FAULT,
      when: 'it differs, or a check does not hold; the database could not be reached, or a fault of our own',
    },
    {
      code: EXIT_USAGE,
      when: 'wrong usage, no such database, a history that is not of this folder, or a schema that nobody knows',
    },
  ],
  examples: [
    'carthub-db validate --local',
    'carthub-db validate --database carthub --migrations ../shop/migrations --json',
  ],
  async run(given, context) {
    const target = readTarget(given, context);
    const named = given.text('migrations');
    const found = await validate(
      {
        target,
        migrations: named === null ? join(CHECKOUT, 'migrations') : resolve(context.cwd, named),
        secret: given.text('secret'),
        where: await readWhere(given, context),
        columnOrder: given.flag('column-order') ? 'compared' : 'ignored',
      },
      context,
    );
    const { terminal } = context;
    const flags = `${target.flags}${named === null ? '' : ` --migrations ${quoted(named)}`}`;
    const lines = () => validationLines(found, { flags, colours: terminal.colours ?? false });
    terminal.out(given.flag('json') ? JSON.stringify(found, null, 2) : lines().join('\n'));
    return found.equal ? 0 : EXIT_FAULT;
  },
};
