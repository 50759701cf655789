import { EXIT_FAULT, EXIT_USAGE } from '../../lib/runs/outcome.ts';
import type { Command, Context } from '../command.ts';
import { UsageError } from '../errors.ts';
import { unlessInterrupted } from '../interruption.ts';
import { readTarget, TARGET_OPTIONS, type Target, withTarget } from '../options.ts';
import { jsonRows, runQuery } from '../query/run-query.ts';
import { tableOf } from '../query/table.ts';
import { findDatabase } from '../stack/find-database.ts';
import { withDatabase } from '../stack/with-database.ts';

/**
 * Runs SQL on the database with the credentials of its secret. On AWS its server is verified by the authorities of RDS, or by
 * the file that `PGSSLROOTCERT` names.
 */
export function query(
  settings: { target: Target; sql: string; secret: string | null },
  context: Context,
): Promise<Awaited<ReturnType<typeof runQuery>>> {
  const { target, sql, secret } = settings;
  return withTarget(target, context, async (used) => {
    await findDatabase(used.stack, 'migrate');
    return withDatabase({ used, secret, as: 'carthub-db query', context }, (client) =>
      unlessInterrupted(context.interrupted, runQuery(client, sql)),
    );
  });
}

export const queryCommand: Command = {
  positional: { name: 'SQL', help: 'one or more statements, in quotes' },
  options: {
    ...TARGET_OPTIONS,
    secret: { value: 'ID', help: 'the secret with its credentials (default: NAME-db/master)' },
    json: { help: 'print one JSON document: { "results": [{ "command", "rowCount", "rows" }] }' },
  },
  exits: [
    { code: 0, when: 'the server ran every statement' },
    { code: EXIT_USAGE, when: 'wrong usage, or the server refused a statement' },
    { code: EXIT_FAULT, when: 'the database could not be reached, or a fault of our own' },
  ],
  examples: [
    'carthub-db query --local "select * from carthub_db.schemaversion order by version"',
    `carthub-db query --local "insert into carts (customer_id) values ('anna') returning *"`,
  ],
  async run(given, context) {
    const sql = given.positional;
    if (sql === null || sql.trim() === '') {
      throw new UsageError('There is no SQL.', { remedy: 'Write it in quotes: carthub-db query --local "select 1"' });
    }
    const results = await query({ target: readTarget(given, context), sql, secret: given.text('secret') }, context);
    if (given.flag('json')) {
      const documents = results.map((result) => ({
        command: result.answer.command,
        rowCount: result.answer.rowCount,
        rows: jsonRows(result),
      }));
      context.terminal.out(JSON.stringify({ results: documents }, null, 2));
    } else context.terminal.out(results.map(({ answer }) => tableOf(answer)).join('\n\n'));
    return 0;
  },
};
