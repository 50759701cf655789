import { stuckIn } from './copy-status.ts';
import { CutoverOpenError, InstanceVanishedError, NameTakenError } from './cutover-errors.ts';
import type { CutoverJournal } from './cutover-journal.ts';
import { CopyFailedError } from './errors.ts';
import { isSettled, type ObservedInstance } from './observe-instance.ts';

/** What is there, at one moment: both instances, and who has the two names, by resource id. */
export type ObservedCutover = {
  old: ObservedInstance | null;
  copy: ObservedInstance | null;
  holders: { name: string | null; retired: string | null };
};

export type CutoverStep =
  /** Raise the token on the copy, so that nothing of an older holder of the lease commits there. */
  | { do: 'fence'; copy: ObservedInstance }
  /** Let the application's credentials open the copy. */
  | { do: 'open'; copy: ObservedInstance }
  | { do: 'protect'; old: ObservedInstance }
  | { do: 'unprotect'; old: ObservedInstance }
  | { do: 'rename-old'; old: ObservedInstance; to: string }
  | { do: 'rename-copy'; copy: ObservedInstance; to: string }
  | { do: 'rename-copy-back'; copy: ObservedInstance; to: string }
  | { do: 'rename-back'; old: ObservedInstance; to: string }
  /** RDS is at work. `exchanging`: nobody has the name, or is about to. */
  | { do: 'wait'; exchanging: boolean }
  /** The copy has the name, and answers. */
  | { do: 'finish' }
  /** Everything is as it was before. */
  | { do: 'close' };

const WAIT: CutoverStep = { do: 'wait', exchanging: false };
const EXCHANGING: CutoverStep = { do: 'wait', exchanging: true };

/**
 * What comes next. The names alone decide about renames, as RDS shows them: a journal may be older than what happened.
 *
 * @throws NameTakenError, InstanceVanishedError, CutoverOpenError
 */
export function nextCutoverStep(
  journal: CutoverJournal,
  observed: ObservedCutover,
  direction: 'forward' | 'backward' = 'forward',
): CutoverStep {
  return direction === 'forward' ? forward(journal, observed) : backward(journal, observed);
}

function forward(journal: CutoverJournal, observed: ObservedCutover): CutoverStep {
  const { name, retired } = journal;
  const copy = existing(observed.copy, journal, 'copy', [journal.copy.identifier, name]);
  if (copy.identifier === name) return isSettled(copy) ? { do: 'finish' } : EXCHANGING;
  if (journal.reversed !== null) throw reversed(journal);
  const old = existing(observed.old, journal, 'old', [name, retired]);
  if (old.identifier === retired) {
    refuseStranger(journal, observed, 'name');
    // Somebody turned back half-way: what becomes of that is awaited.
    if (old.nextIdentifier !== null) return EXCHANGING;
    return isSettled(copy) ? { do: 'rename-copy', copy, to: name } : EXCHANGING;
  }
  refuseStranger(journal, observed, 'retired');
  if (isRenaming(old)) return EXCHANGING;
  refuseStuck(copy);
  if (!isSettled(copy) || !isSettled(old)) return WAIT;
  if (journal.steps.opened === null) return { do: 'open', copy };
  if (journal.steps.fenced === null) return { do: 'fence', copy };
  if (!old.isProtected) return { do: 'protect', old };
  return { do: 'rename-old', old, to: retired };
}

function backward(journal: CutoverJournal, observed: ObservedCutover): CutoverStep {
  const { name, retired, wasProtected, steps } = journal;
  const { copy } = observed;
  if (copy !== null && (copy.identifier === name || copy.nextIdentifier === name)) {
    // From then on it may be let in to, and written to.
    if (steps.verified !== null || steps.admitted !== null) throw tooLate(journal);
    const to = journal.copy.identifier;
    return copy.identifier === name && isSettled(copy) ? { do: 'rename-copy-back', copy, to } : EXCHANGING;
  }
  const old = existing(observed.old, journal, 'old', [name, retired]);
  if (old.identifier === retired) {
    refuseStranger(journal, observed, 'name');
    return isSettled(old) ? { do: 'rename-back', old, to: name } : EXCHANGING;
  }
  if (!isSettled(old)) return isRenaming(old) ? EXCHANGING : WAIT;
  return old.isProtected && !wasProtected ? { do: 'unprotect', old } : { do: 'close' };
}

function refuseStuck({ identifier, status }: ObservedInstance): void {
  const remedy = stuckIn(status);
  if (remedy !== null) throw new CopyFailedError(`The copy ${identifier} is ${status}.`, { remedy });
}

function isRenaming({ status, nextIdentifier }: ObservedInstance): boolean {
  return status === 'renaming' || nextIdentifier !== null;
}

function existing(
  found: ObservedInstance | null,
  journal: CutoverJournal,
  which: 'old' | 'copy',
  names: readonly string[],
): ObservedInstance {
  if (found !== null && names.includes(found.identifier)) return found;
  const { resourceId, identifier } = journal[which];
  const what = `The ${which === 'old' ? 'instance to be retired' : 'restored copy'} (${resourceId}, once ${identifier})`;
  throw new InstanceVanishedError(`${what} ${found === null ? 'is gone' : `is called ${found.identifier} now`}.`, {
    remedy:
      found === null
        ? `See who deleted it: aws rds describe-events. Whichever instance is left becomes the database by its name: aws rds modify-db-instance --new-db-instance-identifier ${journal.name} --apply-immediately`
        : `Give it its name again: aws rds modify-db-instance --db-instance-identifier ${found.identifier} --new-db-instance-identifier ${names[0]} --apply-immediately`,
  });
}

function refuseStranger(journal: CutoverJournal, { holders }: ObservedCutover, which: 'name' | 'retired'): void {
  const holder = holders[which];
  if (holder === null || holder === journal.old.resourceId || holder === journal.copy.resourceId) return;
  throw new NameTakenError(`Another instance, ${holder}, is called ${journal[which]}.`, {
    remedy: `Rename or delete it, then go on: carthub-db restore --resume ${journal.run}`,
  });
}

function reversed({ run, reversed }: CutoverJournal): CutoverOpenError {
  return new CutoverOpenError(
    `This cutover was given up at ${reversed}: others may have written to the old instance.`,
    {
      remedy: `Begin anew with its copy: carthub-db restore --resume ${run}`,
    },
  );
}

function tooLate({ name, copy }: CutoverJournal): CutoverOpenError {
  return new CutoverOpenError(
    `The copy (${copy.resourceId}) has the name ${name}: and is verified: there is only the way forward.`,
    {
      remedy: 'Let it finish; to go back to the old data, restore again.',
    },
  );
}
