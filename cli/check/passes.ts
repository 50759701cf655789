import { toFault } from '../../lib/errors.ts';
import type { Check } from '../../lib/schema/checks/check.ts';
import type { Applicable } from '../release/apply.ts';
import type { ProvingDatabase } from '../release/prove-database.ts';
import { runDueChecks } from './due-checks.ts';
import type { Findings, Step } from './findings.ts';
import type { KnownSchemas } from './known.ts';
import type { Failure } from './report.ts';

/** What the passes work with and write to. */
export type Trial = {
  database: ProvingDatabase;
  steps: readonly Step[];
  checks: readonly Check[];
  known: KnownSchemas;
  findings: Findings;
  /** Told the file that is being tried. */
  onFile(file: string): void;
};

/**
 * Applies every file, and runs at each version the checks that hold there.
 *
 * @returns how many are applied: all, but for the one that failed and those after it
 */
export async function applyAll(trial: Trial): Promise<number> {
  const { database, steps, checks, known, findings } = trial;
  known.add(0, await database.read());
  await runDueChecks(database.client, { checks, version: 0, before: null, change: null }, findings);
  let before = 0;
  for (const [at, { version, does }] of steps.entries()) {
    const appliedMs = await tryFile(trial, does, 'apply', version);
    if (appliedMs === null) return at;
    const after = await database.read();
    const change = { file: does, differences: known.add(version, after), after };
    findings.note(version, { appliedMs });
    await runDueChecks(database.client, { checks, version, before, change }, findings);
    before = version;
  }
  return steps.length;
}

/**
 * Undoes the files from the newest that is applied on, as far as it goes, and applies them again.
 *
 * @param applied how many are
 * @returns false where not all of them are applied again, so that nothing can go on here
 */
export async function undoAndApply(trial: Trial, applied: number): Promise<boolean> {
  const left = await undo(trial, applied);
  return left !== null && (await applyAgain(trial, left, applied));
}

/** @returns how many are applied still; null when half of an undo is done, which is no version at all */
async function undo(trial: Trial, top: number): Promise<number | null> {
  const { database, steps, known, findings } = trial;
  for (let applied = top; applied > 0; applied -= 1) {
    const step = steps[applied - 1];
    const below = steps[applied - 2]?.version ?? 0;
    if (step === undefined || step.undoes === null || !findings.isUntried(step.version)) return applied;
    const { version, undoes } = step;
    const ms = await tryFile(trial, undoes, 'undo', version);
    if (ms === null) {
      findings.note(version, { undo: { file: undoes.file, end: 'failed', ms: null } });
      return undoes.mode === 'statements' ? null : applied;
    }
    const { equal, news } = known.compare(below, await database.read());
    findings.note(version, { undo: { file: undoes.file, end: equal ? 'as before' : 'differs', ms } });
    if (news.length > 0) {
      const says = `${undoes.file} does not bring back the schema of version ${below}`;
      findings.fail('undo', version, says, { differences: news });
    }
  }
  return 0;
}

async function applyAgain(trial: Trial, from: number, to: number): Promise<boolean> {
  const { database, steps, known, findings } = trial;
  for (const { version, does } of steps.slice(from, to)) {
    if ((await tryFile(trial, does, 'apply again', version)) === null) {
      findings.note(version, { again: 'failed' });
      return false;
    }
    const { equal, news } = known.compare(version, await database.read());
    findings.note(version, { again: equal ? 'the same' : 'differs' });
    if (news.length > 0) {
      const says = `${does.file}, applied again after the undo, makes another schema than the first time`;
      findings.fail('apply again', version, says, { differences: news });
    }
  }
  return true;
}

/**
 * Tries in a new database the undo files that are still untried, since one above them is missing or failed: applies the files up to each
 * row of them, undoes that, applies it again, and goes on.
 */
export async function undoBelow(trial: Trial, applied: number): Promise<void> {
  const { steps, findings } = trial;
  const untried = (step: Step | undefined) =>
    step !== undefined && step.undoes !== null && findings.isUntried(step.version);
  let done = 0;
  for (let top = 1; top <= applied; top += 1) {
    if (!untried(steps[top - 1]) || (top < applied && untried(steps[top]))) continue;
    for (const { version, does } of steps.slice(done, top)) {
      if ((await tryFile(trial, does, 'apply again', version)) === null) return;
    }
    done = top;
    if (!(await undoAndApply(trial, top))) return;
  }
}

const FAILS: Record<Exclude<Failure['during'], 'checks' | 'schema.txt'>, string> = {
  apply: 'fails on an empty database; nothing was tried after it',
  undo: 'fails',
  'apply again': 'fails when it is applied again after an undo',
};

/** @returns how long it took, in milliseconds; null when it failed, which is then told */
async function tryFile(
  { database, findings, onFile }: Trial,
  file: Applicable,
  during: keyof typeof FAILS,
  version: number,
): Promise<number | null> {
  onFile(file.file);
  const start = performance.now();
  try {
    await database.apply(file);
    return Math.round(performance.now() - start);
  } catch (error) {
    const half = file.mode === 'statements' ? ', and may have done half of what it does' : '';
    findings.fail(during, version, `${file.file} ${FAILS[during]}${half}`, { fault: toFault(error) });
    return null;
  }
}
