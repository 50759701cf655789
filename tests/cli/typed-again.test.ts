import { expect, test } from '@jest/globals';
import { again } from '../../cli/again.ts';
import { parseArguments } from '../../cli/arguments.ts';
import { migrateCommand } from '../../cli/commands/migrate.ts';
import { restoreCommand } from '../../cli/commands/restore.ts';
import { targetFlags } from '../../cli/options.ts';
import { programName } from '../../cli/program.ts';
import { spellOut } from '../../cli/result/spell-out.ts';
import { run } from '../../cli/run.ts';
import { VERBS } from '../../cli/verbs.ts';
import { testContext } from './context.ts';

const CHECKOUT = '/home/anna/db';
const named = (given: Partial<Parameters<typeof programName>[0]>) =>
  programName({ startedAs: `${CHECKOUT}/cli/bin.js`, cwd: CHECKOUT, checkout: CHECKOUT, env: {}, ...given });

test('what is to be typed begins as it was begun: npx only where it finds us, a name on the path, else the file itself', () => {
  const linked = '/usr/local/bin/carthub-db';
  const env = { PATH: '/usr/bin:/usr/local/bin' };
  expect(named({})).toBe('npx carthub-db');
  expect(named({ cwd: `${CHECKOUT}/migrations`, env: { npm_lifecycle_event: 'start' } })).toBe('npx carthub-db');
  expect(named({ startedAs: linked, env, cwd: '/tmp' })).toBe('carthub-db');
  expect(named({ startedAs: linked, env })).toBe('carthub-db');
  const bin = `${CHECKOUT}/node_modules/.bin`;
  expect(named({ startedAs: `${bin}/carthub-db`, env: { PATH: bin, npm_command: 'exec' } })).toBe('npx carthub-db');
  expect(named({ startedAs: `${bin}/carthub-db`, env, cwd: '/tmp' })).toBe(`node ${CHECKOUT}/cli/bin.js`);
  expect(named({ cwd: '/tmp', checkout: '/home/anna/my db' })).toBe(`node '/home/anna/my db/cli/bin.js'`);
});

test('a remedy names the same database as the command that it helps, once', () => {
  const flags = ' --local --data /tmp/d';
  const typed = (text: string) => spellOut(text, flags);
  expect(typed('Go on: carthub-db restore --resume RUN')).toBe(`Go on: npx carthub-db restore${flags} --resume RUN`);
  expect(typed(`Then: npx carthub-db status${flags}; or wait`)).toBe(`Then: npx carthub-db status${flags}; or wait`);
  expect(typed('npx carthub-db check, or carthub-db local up')).toBe(
    'npx carthub-db check, or npx carthub-db local up',
  );
  const others = 'carthub-db does it; the tag carthub-db:run; carthub-db-carthub-restore; /usr/bin/carthub-db status';
  expect(typed(others)).toBe(others);
});

test('what leads to a database is kept as it can be typed anywhere, and what a migrate was told besides', () => {
  const words = ['--local', '--data', 'my data', '--on-drift', 'list', '--server', 'postgresql://u:secret@h/d'];
  const given = parseArguments('migrate', migrateCommand, [...words, '--migrations', '../m', '--database', 'shop']);
  const flags = targetFlags(given, '/home/anna');
  expect(flags).toBe(` --database shop --local --data '/home/anna/my data'`);
  expect(again('migrate', ['migrations', 'on-failure', 'on-drift', 'server'], { given, flags })).toBe(
    `npx carthub-db migrate${flags} --migrations ../m --on-drift list --server URL`,
  );
});

test('with --json every verb that cannot begin prints the same form of an error, and the remedy for the same database', async () => {
  for (const { name } of VERBS) {
    const { context, out } = testContext();
    const code = await run([...name.split(' '), '--json', '--no-such-option'], VERBS, context);
    expect(code).toBe(2);
    const nothing = { file: null, line: null, column: null, caret: null };
    expect(JSON.parse(out.join(''))).toMatchObject({ error: { ...nothing, name: 'UsageError' } });
  }
});

test('where nobody can be asked, a restore without a reason starts nothing; to look at one that goes on needs none', async () => {
  const { context, err } = testContext();
  expect(await run(['restore', '--to', 'latest', '--database', 'shop'], VERBS, context)).toBe(2);
  expect(err).toEqual([
    'UsageError: A reason is needed.',
    'Remedy: Say why, for whoever reads it later: --reason TEXT',
  ]);
  expect(restoreCommand.options.reason?.help).toContain('Needed where nobody can be asked');
});
