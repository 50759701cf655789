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

/** Applies every file, and runs at each version the checks that hold there. False when a file failed. */
export async function applyAll(trial: Trial): Promise<boolean> {
  const { database, steps, checks, known, findings } = trial;
  known.add(0, await database.read());
  await runDueChecks(database.client, { checks, version: 0, before: null }, findings);
  let before = 0;
  for (const { version, does } of steps) {
    const appliedMs = await tryFile(trial, does, 'apply', version);
    if (appliedMs === null) return false;
    known.add(version, await database.read());
    findings.note(version, { appliedMs });
    await runDueChecks(database.client, { checks, version, before }, findings);
    before = version;
  }
  return true;
}

/**
 * Undoes the files from the newest on, as far as it goes.
 *
 * @returns how many are applied still; null when half of an undo is done, which is no version at all
 */
export async function undoAll(trial: Trial): Promise<number | null> {
  const { database, steps, known, findings } = trial;
  for (let applied = steps.length; applied > 0; applied -= 1) {
    const { version = 0, undoes = null } = steps[applied - 1] ?? {};
    const below = steps[applied - 2]?.version ?? 0;
    if (undoes === null) return applied;
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

/** Applies again what was undone. */
export async function applyAgain(trial: Trial, applied: number): Promise<void> {
  const { database, steps, known, findings } = trial;
  for (const { version, does } of steps.slice(applied)) {
    if ((await tryFile(trial, does, 'apply again', version)) === null) {
      findings.note(version, { again: 'failed' });
      return;
    }
    const { equal, news } = known.compare(version, await database.read());
    findings.note(version, { again: equal ? 'the same' : 'differs' });
    if (news.length > 0) {
      const says = `${does.file}, applied again after the undo, makes another schema than the first time`;
      findings.fail('apply again', version, says, { differences: news });
    }
  }
}

const FAILS: Record<Exclude<Failure['during'], 'checks' | 'schema.txt'>, string> = {
  apply: 'fails on an empty database; nothing was tried after it',
  undo: 'fails; nothing below it was undone',
  'apply again': 'fails when it is applied again after the undo; nothing was tried after it',
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
