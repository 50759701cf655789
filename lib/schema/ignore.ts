import * as z from 'zod/mini';
import { CarthubError } from '../errors.ts';
import type { Difference } from './difference.ts';
import { KINDS, PART_KINDS } from './kinds/kind.ts';

/** The file with the ignore rules is not in the form that it must have. */
export class IgnoreRulesError extends CarthubError {
  override readonly name = 'IgnoreRulesError';
}

const text = z.string().check(z.minLength(1));

export const ignoreRule = z.strictObject({
  /** The kind of object, or `*` for all. */
  kind: z.enum(['*', ...KINDS, ...PART_KINDS]),
  /** The object's name as reports show it, with its schema, of a part with its owner; `*` stands for any characters. */
  name: text,
  /** Which differences; all when left out. */
  what: z.optional(z.array(z.enum(['missing', 'unexpected', 'different', 'invalid'])).check(z.minLength(1))),
  /** Lines that are not compared, with `*` for any characters: `owner *`. Without it the whole object is not. */
  line: z.optional(text),
  /** Why it is right not to look: for whoever reads the report, and for who may take the rule away one day. */
  reason: z.string().check(z.minLength(10, 'it has to say why, in ten characters or more')),
});

export type IgnoreRule = z.infer<typeof ignoreRule>;

/**
 * Reads the rules, `migrations/ignore.json`.
 *
 * @throws IgnoreRulesError
 */
export function parseIgnoreRules(content: string, file: string): IgnoreRule[] {
  try {
    return z.array(ignoreRule).parse(JSON.parse(content));
  } catch (cause) {
    const why = cause instanceof z.core.$ZodError ? z.prettifyError(cause) : String(cause);
    throw new IgnoreRulesError(`${file} holds no ignore rules: ${why}`, {
      remedy: `Write it so: [{ "kind": "extension", "name": "pg_stat_statements", "reason": "made by the platform" }]`,
      cause,
      place: { file, line: null, column: null, caret: null },
    });
  }
}

/** Whether the rule is about this difference, whatever it says of its lines. */
export function concerns(rule: IgnoreRule, difference: Pick<Difference, 'kind' | 'name' | 'what'>): boolean {
  return (
    (rule.kind === '*' || rule.kind === difference.kind) &&
    (rule.what === undefined || rule.what.includes(difference.what)) &&
    matches(rule.name, difference.name)
  );
}

/** Whether the rule takes this line out of the comparison. */
export function leavesOut(rule: IgnoreRule, line: string): boolean {
  return rule.line !== undefined && matches(rule.line, line);
}

function matches(pattern: string, subject: string): boolean {
  const escaped = pattern.split('*').map((piece) => piece.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${escaped.join('.*')}$`, 's').test(subject);
}
