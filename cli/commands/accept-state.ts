import { EXIT_CODES, EXIT_FAULT, EXIT_USAGE } from '../../lib/runs/outcome.ts';
import type { OutcomeRecord } from '../../lib/runs/record.ts';
import type { ResumeAt } from '../../lib/runs/run.ts';
import type { Command, Context } from '../command.ts';
import { UsageError } from '../errors.ts';
import { ifLeft } from '../execution/if-left.ts';
import { report } from '../execution/report.ts';
import { AWS_PACE, type KnownRun, LOCAL_PACE, newRun, runToEnd } from '../execution/run-to-end.ts';
import { readTarget, TARGET_OPTIONS, type Target, withTarget } from '../options.ts';
import { PROGRAM } from '../program.ts';
import { requester } from '../requester.ts';
import type { Hints } from '../result/outcome-lines.ts';
import { findDatabase } from '../stack/find-database.ts';

/** Takes a dirty database as it is: assesses it anew, records who took it and why, and clears the mark. */
export function acceptState(
  settings: { target: Target; reason: string; resumeAt: ResumeAt | null; hints: Hints; known: KnownRun },
  context: Context,
): Promise<OutcomeRecord> {
  const { target, reason, resumeAt, hints, known } = settings;
  return withTarget(target, context, async ({ stack, local }) => {
    known.timeScale = local?.timeScale ?? null;
    await findDatabase(stack, 'accept-state');
    return runToEnd({
      ...{ stack, known, context, machine: 'accept-state', pace: local === null ? AWS_PACE : LOCAL_PACE },
      input: { database: target.database, reason, resumeAt, requestedBy: stack.caller ?? requester(context.env) },
      ifLeft: (execution) => ifLeft(execution, local?.own ?? false, hints),
    });
  });
}

export const acceptStateCommand: Command = {
  positional: null,
  options: {
    reason: { value: 'TEXT', help: 'why the database is all right as it is; kept with the run' },
    'resume-at': {
      value: 'FILE:STATEMENT',
      help: 'where the next run goes on in a file that was broken off; what is before counts as done',
    },
    ...TARGET_OPTIONS,
    json: { help: 'print one JSON document on standard output' },
  },
  exits: [
    { code: 0, when: 'Accepted: the mark is gone' },
    {
      code: EXIT_CODES.Refused,
      when: 'Refused: somebody else holds the database, it could not be reached, or no file can go on there',
    },
    { code: EXIT_CODES.FailedKept, when: 'FailedKept: it could not be assessed, and stays marked' },
    { code: EXIT_USAGE, when: 'wrong usage, or no such database' },
    { code: EXIT_FAULT, when: 'a fault of our own' },
  ],
  examples: [
    'carthub-db accept-state --local --reason "the rows of 012 are as they were"',
    'carthub-db accept-state --reason "the index is there" --resume-at 012.do.search.sql:3',
  ],
  async run(given, context) {
    const reason = given.text('reason')?.trim() ?? '';
    if (reason === '') {
      throw new UsageError('A reason is needed.', { remedy: 'Say why, for whoever reads it later: --reason TEXT' });
    }
    const resumeAt = readResumeAt(given.text('resume-at'));
    const target = readTarget(given, context);
    const known = newRun(target.database);
    const hints = { flags: target.flags, again: `${PROGRAM} migrate${target.flags}` };
    return report({ known, json: given.flag('json'), hints, context }, () =>
      acceptState({ target, reason, resumeAt, hints, known }, context),
    );
  },
};

function readResumeAt(text: string | null): ResumeAt | null {
  if (text === null) return null;
  const [, file, step] = /^(.+):([1-9]\d{0,8})$/.exec(text.trim()) ?? [];
  if (file !== undefined && step !== undefined) return { file, step: Number(step) };
  throw new UsageError(`--resume-at cannot be "${text}".`, {
    remedy: 'Name the file and the statement, counted from 1: --resume-at 012.do.search.sql:3',
  });
}
