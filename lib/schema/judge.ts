import * as z from 'zod/mini';
import { type Difference, difference } from './difference.ts';
import { keyOf } from './document.ts';
import type { WrittenObject } from './written-by.ts';

/**
 * A difference, and whose it is.
 *
 * - `ours`: the run did it, or should have undone it
 * - `others`: somebody else did it while the run went on: told, and no reason to undo anything
 * - `before`: it was there before the run
 * - `unknown`: it was done while a statement of the run was under way whose end nobody noted, and no file says that the run does that
 */
export const judgedDifference = z.extend(difference, { whose: z.enum(['ours', 'others', 'before', 'unknown']) });

export type JudgedDifference = z.infer<typeof judgedDifference>;

export type Evidence = {
  /** How the database differs from what it should be now. */
  differences: readonly Difference[];
  /** How it differed from what it should be before the run. */
  drift: readonly Difference[];
  /** What the files of the run are to change, whole or as far as they came: how schemas of versions differ from earlier ones. */
  meant: readonly Difference[];
  /** Names that statements of these files drop, without their schemas. */
  dropped: ReadonlySet<string>;
  /** Names that statements of these files make or change, without their schemas. */
  touched: ReadonlySet<string>;
  /** What the run's transactions wrote. */
  written: readonly WrittenObject[];
};

/** Says of each difference whose it is, by what the catalogs and the journal prove. */
export function judge(evidence: Evidence): JudgedDifference[] {
  const by = <T extends { kind: string; name: string }>(all: readonly T[]) =>
    new Map(all.map((one): [string, T] => [keyOf(one), one]));
  const [drift, meant, written] = [by(evidence.drift), by(evidence.meant), by(evidence.written)];
  return evidence.differences.map((found) => {
    const change = meant.get(keyOf(found)) ?? (found.of === null ? undefined : madeWith(found.of, meant));
    const known = { prior: drift.get(keyOf(found)), change, writer: written.get(keyOf(found)) };
    return { ...found, whose: whose(found, known, evidence) };
  });
}

type Known = { prior: Difference | undefined; change: Difference | undefined; writer: WrittenObject | undefined };

type Names = Pick<Evidence, 'dropped' | 'touched'>;

function whose(found: Difference, { prior, change, writer }: Known, { dropped, touched }: Names) {
  // As it was before the run, and the run was to change it: it did not.
  if (prior && isSame(prior.actual, found.actual)) return change ? 'ours' : 'before';
  if (writer?.certain) return 'ours';
  // The id lies in the range of a statement of ours, and the file names the object.
  if (writer) return change || names(touched, found) ? 'ours' : 'unknown';
  if (found.actual === null) return change || dropped.has(lastName(found.name)) ? 'ours' : 'others';
  // Still what it was at the version before.
  if (change && isSame(change.expected, found.actual)) return 'ours';
  return 'others';
}

/** By its name, or as one to which the server gave a name: those begin with that of their table. */
function names(touched: ReadonlySet<string>, { name, of }: Difference): boolean {
  const [own, table] = [lastName(name), of === null ? null : lastName(of.name)];
  return touched.has(own) || (table !== null && touched.has(table) && own.startsWith(`${table}_`));
}

/** The change that made the whole object of which something is a part. */
function madeWith(of: { kind: string; name: string }, meant: ReadonlyMap<string, Difference>): Difference | undefined {
  const change = meant.get(keyOf(of));
  return change?.expected === null ? change : undefined;
}

/** `idx` of `public.carts.idx`; a routine without its arguments. */
export function lastName(name: string): string {
  const quoted = /"((?:[^"]|"")*)"(?:\(.*\))?$/s.exec(name)?.[1];
  return quoted?.replaceAll('""', '"') ?? name.replace(/\(.*$/s, '').split('.').at(-1) ?? name;
}

function isSame(one: readonly string[] | null, other: readonly string[] | null): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
