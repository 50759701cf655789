import type { Fault } from '../../lib/errors.ts';
import { PROGRAM } from '../program.ts';

/** Verbs as a remedy names them; `lib` knows neither how we were started nor which database is meant. */
const COMMAND =
  /(?<![\w./@:-])(?:npx )?carthub-db (migrate|restore|validate|query|status|quarantine|accept-state|backups?|drill|check|schema|local up|local reset)(?![\w-])/g;

/** Those that work on no database. */
const ELSEWHERE = new Set(['check', 'schema', 'local up', 'local reset']);

/** Commands in a text, as they have to be typed here: with the name that we were started by, and for the same database. */
export function spellOut(text: string, flags: string): string {
  return text.replaceAll(COMMAND, (whole: string, verb: string, at: number) => {
    const isMeant = ELSEWHERE.has(verb) || text.startsWith(flags, at + whole.length);
    return `${PROGRAM} ${verb}${isMeant ? '' : flags}`;
  });
}

/** The same failure, with a remedy that can be typed. */
export function spelledOut(fault: Fault, flags: string): Fault {
  return { ...fault, remedy: fault.remedy === null ? null : spellOut(fault.remedy, flags) };
}
