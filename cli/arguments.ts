import { parseArgs } from 'node:util';
import type { Command, Option } from './command.ts';
import { UsageError } from './errors.ts';
import { nearest } from './nearest.ts';

/** What was given on the command line. Asking for an option that the command does not declare is a fault of ours. */
export type Arguments = {
  text(option: string): string | null;
  flag(option: string): boolean;
  /** A number above zero. */
  number(option: string): number | null;
  positional: string | null;
};

/** Reads the words after a verb's name; throws {@link UsageError} with the nearest thing that exists. */
export function parseArguments(verb: string, command: Command, words: readonly string[]): Arguments {
  const options: Record<string, Option> = { ...command.options, help: { help: 'this text' } };
  const { tokens } = parseArgs({
    args: [...words],
    options: Object.fromEntries(Object.keys(options).map((name) => [name, definitionOf(name, options[name])])),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const help = `carthub-db ${verb} --help`;
  const values = new Map<string, string>();
  const positionals: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value);
    if (token.kind !== 'option') continue;
    const option = options[token.name];
    if (option === undefined && isText(words[token.index], command)) {
      positionals.push(words[token.index] ?? '');
      continue;
    }
    if (option === undefined) throw unknownOption(token.rawName, options, help);
    if (values.has(token.name)) throw new UsageError(`${token.rawName} is given twice.`, { remedy: 'Leave one out.' });
    values.set(token.name, readValue(token.rawName, option, token.value, token.inlineValue ?? false, help));
  }
  refusePositionals(command, positionals, help);
  const declared = (name: string) => {
    if (options[name] === undefined) throw new TypeError(`${verb} declares no option ${name}`);
    return values.get(name) ?? null;
  };
  return {
    text: declared,
    flag: (name) => declared(name) !== null,
    number: (name) => positive(name, declared(name)),
    positional: positionals[0] ?? null,
  };
}

/** SQL may begin with a comment. No option has a blank in it before its value. */
function isText(word: string | undefined, { positional }: Command): boolean {
  return positional !== null && word !== undefined && /^--([^=]*\s|.*\n)/.test(word);
}

function definitionOf(name: string, option: Option | undefined): { type: 'string' | 'boolean'; short?: string } {
  const type = option?.value === undefined ? 'boolean' : 'string';
  return name === 'help' ? { type, short: 'h' } : { type };
}

function readValue(name: string, option: Option, value: string | undefined, inline: boolean, help: string): string {
  if (option.value === undefined) {
    if (value !== undefined) throw new UsageError(`${name} takes no value.`, { remedy: `Write ${name} alone.` });
    return '';
  }
  if (value === undefined || value === '' || (!inline && value.startsWith('-'))) {
    throw new UsageError(`${name} needs a value: ${name} ${option.value}.`, { remedy: `Read: ${help}` });
  }
  if (option.choices !== undefined && !option.choices.includes(value)) {
    const close = nearest(value, option.choices);
    throw new UsageError(`${name} cannot be "${value}"${close ? `; did you mean ${close}?` : '.'}`, {
      remedy: `Choose one of: ${option.choices.join(', ')}.`,
    });
  }
  return value;
}

function unknownOption(name: string, options: Record<string, Option>, help: string): UsageError {
  const close = nearest(
    name,
    Object.keys(options).map((option) => `--${option}`),
  );
  return new UsageError(`Unknown option ${name}${close ? `; did you mean ${close}?` : '.'}`, {
    remedy: close ? `Write ${close}, or read: ${help}` : `Read: ${help}`,
  });
}

function refusePositionals(command: Command, positionals: readonly string[], help: string): void {
  const surplus = positionals[command.positional === null ? 0 : 1];
  if (surplus === undefined) return;
  throw new UsageError(`"${withoutPassword(surplus)}" is one word too many.`, {
    remedy:
      command.positional === null ? `Read: ${help}` : `Put quotes around ${command.positional.name}, or read: ${help}`,
  });
}

/** An address that was meant to follow an option. */
function withoutPassword(word: string): string {
  return word.replace(/^(\w+:\/\/[^:/@]*):.*@/, '$1:***@');
}

function positive(name: string, text: string | null): number | null {
  if (text === null) return null;
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new UsageError(`--${name} must be a number above zero, not "${text}".`, { remedy: `For example --${name} 1.` });
}
