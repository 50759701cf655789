import { EXIT_USAGE } from '../lib/runs/outcome.ts';
import { parseArguments } from './arguments.ts';
import type { Context, Verb } from './command.ts';
import { UsageError } from './errors.ts';
import { fail } from './fail.ts';
import { helpOf, overview } from './help.ts';
import { nearest } from './nearest.ts';
import { targetFlags } from './options.ts';
import { failureDocument } from './result/document.ts';

/** Runs what the words ask for and returns the exit code. Nothing is thrown. */
export async function run(words: readonly string[], verbs: readonly Verb[], context: Context): Promise<number> {
  const { terminal } = context;
  let flags = '';
  try {
    const first = words[0];
    if (first === undefined) {
      terminal.err(overview(verbs));
      return EXIT_USAGE;
    }
    if (asksForOverview(words, verbs)) {
      terminal.out(overview(verbs));
      return 0;
    }
    const { verb, rest } = find(first === 'help' ? [...words.slice(1), '--help'] : words, verbs);
    const command = await verb.load();
    const given = parseArguments(verb.name, command, rest);
    if (given.flag('help')) {
      terminal.out(helpOf(verb, command));
      return 0;
    }
    if (command.options.local !== undefined) flags = targetFlags(given, context.cwd);
    return await command.run(given, context);
  } catch (error) {
    return fail(error, words.includes('--json') ? failureDocument : null, context, flags);
  }
}

function asksForOverview(words: readonly string[], verbs: readonly Verb[]): boolean {
  const [first = '', second, ...more] = words;
  if (second === undefined) return ['--help', '-h', 'help'].includes(first);
  return (
    !verbs.some(({ name }) => name === first) &&
    verbs.some(({ name }) => name.startsWith(`${first} `)) &&
    ['--help', '-h'].includes(second) &&
    more.length === 0
  );
}

/** A verb is one word or two. */
function find(words: readonly string[], verbs: readonly Verb[]): { verb: Verb; rest: readonly string[] } {
  const [first = '', second = ''] = words;
  const verb = verbs.find(({ name }) => name === `${first} ${second}`) ?? verbs.find(({ name }) => name === first);
  if (verb !== undefined) return { verb, rest: words.slice(verb.name.split(' ').length) };
  if (first.startsWith('-')) {
    throw new UsageError(`The verb comes first, before ${first}.`, { remedy: 'Read: carthub-db --help' });
  }
  const names = verbs.map(({ name }) => name);
  const group = names.filter((name) => name.startsWith(`${first} `));
  const said = second !== '' && (group.length > 0 || !second.startsWith('-')) ? `${first} ${second}` : first;
  const close = nearest(said, names) ?? nearest(first, names) ?? group[0] ?? null;
  throw new UsageError(
    `There is no verb "${group.length > 0 ? said : first}"${close ? `; did you mean ${close}?` : '.'}`,
    {
      remedy: group.length > 0 ? `Choose one of: ${group.join(', ')}.` : `Choose one of: ${names.join(', ')}.`,
    },
  );
}
