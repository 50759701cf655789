import { CarthubError } from '../errors.ts';
import type { JournalRow } from '../journal/journal.ts';
import { finished, type Step, stepsOf } from '../journal/steps.ts';
import type { Release } from '../migrations/release.ts';
import type { ResumeAt } from '../runs/run.ts';

/** The statement from which a file is to go on is none from which it can. Nothing was accepted. */
export class ResumeAtError extends CarthubError {
  override readonly name = 'ResumeAtError';
}

/**
 * Refuses a place to go on at that the journal does not bear out. A person may say of a statement that was begun whether it
 * counts as done. What is noted as done needs no word, and what never began cannot count as done.
 *
 * @param journal what all runs wrote of statements of files that are not whole
 * @param release that of the run which left the database; null when it is gone
 * @throws ResumeAtError
 */
export function refuseResumeAt(
  { file, step }: ResumeAt,
  journal: readonly JournalRow[],
  release: Release | null,
): void {
  const said = `--resume-at ${file}:${step}`;
  const open = [...Map.groupBy(journal, (row) => row.file)].map(([name, rows]) => ({ name, steps: stepsOf(rows) }));
  const list = open.map(({ name, steps }) => `${name} (${describe(steps)})`).join(', ');
  const remedy = list === '' ? 'No file is open: leave --resume-at out.' : `What is open: ${list}.`;
  const refuse = (why: string): ResumeAtError => new ResumeAtError(`${said}: ${why}.`, { remedy });
  const released = release?.files.find((each) => each.file === file);
  if (release !== null && !released) throw refuse(`the release of that run has no ${file}`);
  if (released?.mode === 'transaction') throw refuse(`${file} runs in one transaction, whole or not at all`);
  const steps = open.find(({ name }) => name === file)?.steps ?? [];
  const last = steps.at(-1)?.number ?? 0;
  if (last === 0) throw refuse(`no statement of ${file} was begun, or the file is whole`);
  const done = finished(steps).length;
  if (step <= done) throw refuse(`statement ${step} is noted as done, so the file goes on after it`);
  if (step > last + 1) throw refuse(`statement ${last + 1} was never begun, so it cannot count as done`);
}

function describe(steps: readonly Step[]): string {
  return steps.map(({ number, state }) => `${number} ${state}`).join(', ');
}
