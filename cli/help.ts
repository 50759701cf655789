import type { Command, Verb } from './command.ts';

/** What `carthub-db --help` prints. */
export function overview(verbs: readonly Verb[]): string {
  return [
    'carthub-db: migrates PostgreSQL 15 on Amazon RDS by one audited workflow, or rehearses it on this machine.',
    '',
    'Usage: carthub-db <verb> [options]',
    '',
    'Verbs:',
    ...table(verbs.map(({ name, summary }) => [name, summary])),
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
    ...(command.positional === null ? [] : table([[command.positional.name, command.positional.help]])),
    ...table([...options, ['--help', 'this text']]),
    '',
    'Exit codes:',
    ...table(command.exits.map(({ code, when }) => [String(code), when])),
    '',
    'Examples:',
    ...command.examples.map((example) => `  ${example}`),
  ].join('\n');
}

/** Two columns; what does not fit into a line of 118 goes on below itself. */
function table(rows: readonly (readonly [string, string])[]): string[] {
  const left = Math.max(...rows.map(([name]) => name.length));
  const room = 118 - left - 4;
  return rows.flatMap(([name, text]) =>
    wrap(text, room).map((line, at) => `  ${(at === 0 ? name : '').padEnd(left)}  ${line}`),
  );
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || last.length + word.length + 1 > width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}
