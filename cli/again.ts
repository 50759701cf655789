import type { Arguments } from './arguments.ts';
import { PROGRAM, quoted } from './program.ts';

/** The command that was given, with those of its options that are named here, in their order. An address may hold a password: it is left to fill in. */
export function again(verb: string, options: readonly string[], { given, flags }: { given: Arguments; flags: string }) {
  const kept = options.flatMap((option) => {
    const value = given.text(option);
    if (value === null) return [];
    if (value === '') return [` --${option}`];
    return [` --${option} ${option === 'server' ? 'URL' : quoted(value)}`];
  });
  return `${PROGRAM} ${verb}${flags}${kept.join('')}`;
}
