import type { Command, Verb } from './command.ts';
import { named } from './paragraph.ts';

/** What `carthub-db --help` prints. */
export function overview(verbs: readonly Verb[]): string {
  return [
    'carthub-db: migrates PostgreSQL 15 on Amazon RDS and puts it back, by audited workflows, or rehearses that on this machine.',
    '',
    'Usage: carthub-db <verb> [options]',
    '',
    'Verbs:',
    ...named(verbs.map(({ name, summary }) => [name, summary])),
    '',
    'Every verb that works on a database speaks to AWS, by the usual environment and profile, and with --local to the',
    'local cloud on this machine. Try it:',
    '',
    '  carthub-db migrate --local',
    '  carthub-db query --local "select version, name, run_at from carthub_db.schemaversion"',
    '',
    'More about one of them: carthub-db <verb> --help',
  ].join('\n');
}

/** What `carthub-db <verb> --help` prints. */
export function helpOf({ name: verb, summary }: Verb, command: Command): string {
  const positional = command.positional === null ? '' : ` ${command.positional.name}`;
  const options = Object.entries(command.options).map(([name, { value, help }]): [string, string] => [
    value === undefined ? `--${name}` : `--${name} ${value}`,
    help,
  ]);
  return [
    `${verb}: ${summary}`,
    '',
    `Usage: carthub-db ${verb}${positional} [options]`,
    '',
    ...(command.positional === null ? [] : named([[command.positional.name, command.positional.help]])),
    ...named([...options, ['--help', 'this text']]),
    '',
    'Exit codes:',
    ...named(command.exits.map(({ code, when }) => [String(code), when])),
    '',
    'Examples:',
    ...command.examples.map((example) => `  ${example}`),
  ].join('\n');
}
