import type { Fault } from '../../lib/errors.ts';
import { EXIT_CODES, EXIT_FAULT, type Outcome } from '../../lib/runs/outcome.ts';
import type { OutcomeRecord } from '../../lib/runs/record.ts';
import type { Context } from '../command.ts';
import { fail } from '../fail.ts';
import { zoneHere } from '../restore/zone.ts';
import { type RunDocument, runDocument } from '../result/document.ts';
import { type Hints, outcomeLines } from '../result/outcome-lines.ts';
import { spelledOut } from '../result/spell-out.ts';
import { timeScaleLine } from '../result/time-scale-line.ts';
import type { KnownRun } from './run-to-end.ts';

/**
 * Runs `work`, tells how it ended, and returns the exit code: to a person on standard error, with `json` as one document
 * on standard output, whatever happened.
 */
export async function report(
  options: { known: KnownRun; json: boolean; hints: Hints; context: Context },
  work: () => Promise<OutcomeRecord>,
): Promise<number> {
  const { known, json, hints, context } = options;
  let record: OutcomeRecord;
  try {
    record = withRemedy(await work(), hints.flags);
  } catch (error) {
    return fail(error, json ? (fault) => documentOf(known, null, fault) : null, context, hints.flags);
  }
  const scale = timeScaleLine(known.timeScale);
  const lines = outcomeLines(record, hints, known.account, zoneHere());
  for (const line of [...(scale === null ? [] : [scale]), ...lines]) context.terminal.err(line);
  if (json) context.terminal.out(JSON.stringify(documentOf(known, record, null), null, 2));
  return exitCodeOf(record.outcome);
}

function withRemedy(record: OutcomeRecord, flags: string): OutcomeRecord {
  return { ...record, error: record.error && spelledOut(record.error, flags) };
}

/** Exit code of an outcome; one that this version does not know is no success. */
export function exitCodeOf(outcome: string): number {
  if (outcome === 'Accepted') return 0;
  return isOutcome(outcome) ? EXIT_CODES[outcome] : EXIT_FAULT;
}

function isOutcome(outcome: string): outcome is Outcome {
  return Object.hasOwn(EXIT_CODES, outcome);
}

function documentOf({ histories, ...known }: KnownRun, record: OutcomeRecord | null, fault: Fault | null): RunDocument {
  const steps = [...histories.values()]
    .flatMap((history) => history.steps)
    .sort((a, b) => a.enteredAt.getTime() - b.enteredAt.getTime());
  return runDocument({ ...known, record, fault, steps });
}
