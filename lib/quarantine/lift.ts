import type { Documents } from '../documents/documents.ts';
import { CarthubError } from '../errors.ts';
import { changeQuarantine, type Quarantine } from './quarantine.ts';

/** Nothing of this name is quarantined. */
export class NotQuarantinedError extends CarthubError {
  override readonly name = 'NotQuarantinedError';
}

type Word = { by: string; reason: string; at: string };

/**
 * Lets files be applied again, on a person's word, which is kept.
 *
 * @param files names of files or their SHA-256, or all
 * @throws NotQuarantinedError and lifts nothing when one of them is not there
 */
export async function liftQuarantine(options: {
  documents: Documents;
  database: string;
  files: readonly string[] | 'all';
  by: string;
  reason: string;
  now: Date;
}): Promise<Quarantine> {
  const { documents, database, files, by, reason, now } = options;
  const word = { by, reason, at: now.toISOString() };
  return changeQuarantine(documents, database, (current) => withoutLifted(current, files, word));
}

export function withoutLifted(current: Quarantine, wanted: readonly string[] | 'all', word: Word): Quarantine {
  const is = (name: string) => (file: { file: string; sha256: string }) => file.file === name || file.sha256 === name;
  const unknown = wanted === 'all' ? undefined : wanted.find((name) => !current.files.some(is(name)));
  if (unknown !== undefined) {
    const there = current.files.map(({ file }) => file).join(', ') || 'nothing';
    throw new NotQuarantinedError(`${unknown} is not quarantined; ${there} is.`, {
      remedy: 'Give the name of a file as carthub-db quarantine lists it, or its SHA-256.',
    });
  }
  const lifted = current.files.filter((file) => wanted === 'all' || wanted.some((name) => is(name)(file)));
  if (lifted.length === 0) return current;
  return {
    ...current,
    files: current.files.filter((file) => !lifted.includes(file)),
    lifted: [...current.lifted, ...lifted.map(({ sha256, file }) => ({ sha256, file, ...word }))],
  };
}
