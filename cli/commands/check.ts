import { join, resolve } from 'node:path';
import { EXIT_FAULT, EXIT_USAGE } from '../../lib/runs/outcome.ts';
import { again } from '../again.ts';
import type { Arguments } from '../arguments.ts';
import { type CheckSettings, check } from '../check/check.ts';
import { reportLines } from '../check/report-lines.ts';
import type { Command, Context } from '../command.ts';
import { fail } from '../fail.ts';
import { CHECKOUT } from '../options.ts';
import { readWhere, WHERE_OPTIONS } from '../release/prove-where.ts';
import { faultDocument } from '../result/document.ts';

export const checkCommand: Command = {
  positional: null,
  options: {
    migrations: {
      value: 'DIR',
      help: 'the folder with VERSION.do.NAME.sql, VERSION.undo.NAME.sql and checks/*.sql (default: migrations in the checkout)',
    },
    ...WHERE_OPTIONS,
    'require-undo': { help: 'fail when a version has no undo file' },
    json: { help: 'print one JSON document on standard output; progress stays on standard error' },
  },
  exits: [
    {
      code: 0,
      when: 'every file applies, every check holds, what was undone and applied again is the same, schema.txt is current',
    },
    { code: EXIT_FAULT, when: 'something of that is not so (the report says what and where), or a fault of our own' },
    { code: EXIT_USAGE, when: 'wrong usage, a folder or prelude that cannot be read, or a server that cannot be used' },
    { code: 130, when: 'interrupted by Ctrl-C (129 hang-up, 143 SIGTERM)' },
  ],
  examples: [
    'carthub-db check',
    'carthub-db check --migrations ../shop/migrations --require-undo --json',
    'PGPASSWORD=... carthub-db check --server postgresql://ci@127.0.0.1:5432/postgres --prelude platform.sql',
  ],
  async run(given, context) {
    const json = given.flag('json');
    try {
      const report = await check(await settings(given, context), context);
      context.terminal.out(json ? JSON.stringify(report, null, 2) : reportLines(report).join('\n'));
      return report.passed ? 0 : EXIT_FAULT;
    } catch (error) {
      return fail(error, json ? (fault) => ({ passed: false, error: faultDocument(fault) }) : null, context);
    }
  },
};

async function settings(given: Arguments, context: Context): Promise<CheckSettings> {
  const where = await readWhere(given, context);
  const named = given.text('migrations');
  return {
    migrations: named === null ? join(CHECKOUT, 'migrations') : resolve(context.cwd, named),
    where,
    requireUndo: given.flag('require-undo'),
    renew: again('schema', ['migrations', 'prelude', 'server'], { given, flags: '' }),
  };
}
