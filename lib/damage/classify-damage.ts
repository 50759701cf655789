import type { JournalRow } from '../journal/journal.ts';
import { type Step, stepsOf } from '../journal/steps.ts';
import type { Applied } from '../migrations/history.ts';
import { isProvable, type Release } from '../migrations/release.ts';
import type { Plan } from '../runs/plan.ts';
import { listed } from '../schema/listed.ts';
import type { Assessment, BegunStep, BlamedFile } from './assessment.ts';
import { blamedForSchema, blamedForStep } from './blame.ts';
import type { ExaminedSchema } from './examined-schema.ts';

export type Evidence = {
  /** What the run found before it started; null when it did not get so far. */
  plan: Plan | null;
  /** What the run committed of itself. */
  journal: readonly JournalRow[];
  history: readonly Applied[];
  /** How the schema differs now, and whose each difference is. */
  schema: Pick<ExaminedSchema, 'against' | 'unproven' | 'differences'>;
  release: Release | null;
};

/**
 * What the run did to the database, by proof alone.
 *
 * A file in one transaction is whole or not there. A statement outside a transaction that the server refused did nothing,
 * unless it may commit on its way (CALL, DO): the file can go on there, whatever was done of it before. One that was begun
 * and whose end nobody recorded may have done anything, unless it was to commit together with that record: then it did nothing.
 * A run that ended between two statements was broken off: dirty. Whole files must have made the schema that they make of an empty
 * database; where they cannot be applied to one, nobody knows it, and that they are whole is all that there is to prove.
 */
export function classifyDamage(evidence: Evidence): Assessment {
  const { plan, journal, history, release, schema } = evidence;
  const before = plan?.before ?? null;
  const after = history.at(-1)?.version ?? 0;
  const steps = openSteps(journal, history);
  const notes = notesOn(evidence);
  const dirty = (reason: string, blame: (reason: string) => BlamedFile[] = () => []): Assessment => {
    return { state: 'Dirty', before, after, reason, steps, blamed: blame(reason), notes };
  };

  const escaped = journal.find(
    (row) => row.state === 'transaction' && !history.some((file) => file.version === row.version),
  );
  if (escaped) {
    const { file, sha256 } = escaped;
    return dirty(`${file} left its transaction: some of it is committed, and it is not in the history.`, (reason) => [
      { sha256, file, reason },
    ]);
  }
  const [left] = [...Map.groupBy(steps, (step) => step.file).values()].flatMap(leftOver);
  if (left) return dirty(describeLeft(left), (reason) => blamedForStep(journal, left, reason));
  const committed = journal.some((row) => row.state !== 'intent' && row.state !== 'refused');
  if (!committed && (plan === null || isUnchanged(plan, history))) {
    return { state: 'Untouched', before, after, notes };
  }
  const refused = steps.findLast((step) => step.end === 'refused');
  const resumeAt = refused ? { file: refused.file, step: refused.step } : null;
  if (resumeAt !== null && resumeAt.step > 1) {
    // Between two versions, as the journal proves: no document says what the schema should be there.
    return { state: 'AtVersion', before, after, resumeAt, notes: [...notes, noteOn(resumeAt)] };
  }
  if (schema.against !== 'expected') {
    if (plan !== null && history.length < plan.history) return dirty('The history is shorter than before the run.');
    // No document says what the schema should be; the journal proves that each file is in it whole.
    if (release !== null && !isProvable(release, after)) return { state: 'AtVersion', before, after, resumeAt, notes };
    return dirty(schema.unproven ?? `Nobody knows what the schema of version ${after} should be.`);
  }
  const ours = schema.differences.filter(({ whose }) => whose === 'ours');
  if (ours.length > 0) {
    return dirty(`The schema is not that of version ${after}: ${listed(ours)}.`, (reason) =>
      blamedForSchema(journal, history, reason),
    );
  }
  return { state: 'AtVersion', before, after, resumeAt, notes };
}

/** The begun steps of files that are not whole: those without a row in the history. */
function openSteps(journal: readonly JournalRow[], history: readonly Applied[]): BegunStep[] {
  const whole = new Set(history.map((applied) => applied.version));
  const open = Map.groupBy(
    journal.filter((row) => !whole.has(row.version)),
    (row) => row.file,
  );
  return [...open].flatMap(([file, rows]) =>
    stepsOf(rows).map((step) => ({ file, step: step.number, end: endOf(step) })),
  );
}

function endOf({ state }: Step): BegunStep['end'] {
  return state === 'again' ? 'accepted' : state;
}

/** What is left of a file that did not stop cleanly, which is where the server refused its last statement. */
function leftOver(steps: readonly BegunStep[]): BegunStep[] {
  const unknown = steps.filter((step) => step.end === 'unknown');
  if (unknown.length > 0) return unknown;
  const last = steps.findLast((step) => step.end !== 'undone');
  return last && last.end !== 'refused' ? [last] : [];
}

function describeLeft({ file, step, end }: BegunStep): string {
  return end === 'unknown'
    ? `${file} was interrupted in its statement ${step}: nobody knows what of that is committed.`
    : `${file} was interrupted after its statement ${step}: what that did is committed, the rest is not.`;
}

function noteOn({ file, step }: { file: string; step: number }): string {
  const done = step === 2 ? 'The first statement' : `The first ${step - 1} statements`;
  return `${done} of ${file} ${step === 2 ? 'is' : 'are'} done and must stay in the file as written; from statement ${step} on it may be changed.`;
}

function isUnchanged(plan: Plan, history: readonly Applied[]): boolean {
  return history.length === plan.history && (history.at(-1)?.version ?? 0) === plan.before;
}

function notesOn({ schema }: Evidence): string[] {
  const others = schema.differences.filter(({ whose }) => whose === 'others');
  return others.length === 0 ? [] : [`Somebody else changed the schema while the run went on: ${listed(others)}.`];
}
