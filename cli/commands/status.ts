import { readDocument } from '../../lib/documents/documents.ts';
import { type Lease, lease } from '../../lib/lease/lease.ts';
import { keys } from '../../lib/runs/keys.ts';
import { EXIT_FAULT, EXIT_USAGE } from '../../lib/runs/outcome.ts';
import type { OutcomeRecord } from '../../lib/runs/record.ts';
import type { Command, Context } from '../command.ts';
import { readTarget, TARGET_OPTIONS, type Target, withTarget } from '../options.ts';
import { PROGRAM } from '../program.ts';
import { findDatabase } from '../stack/find-database.ts';
import { recentRuns } from '../stack/recent-runs.ts';

export type Status = { database: string; lease: Lease | null; runs: OutcomeRecord[] };

const SHOWN_RUNS = 10;

/** Who holds the database, whether it is marked dirty, and how the last runs ended. Reads documents only. */
export function status({ target }: { target: Target }, context: Context): Promise<Status> {
  return withTarget(target, context, async ({ stack }) => {
    await findDatabase(stack, 'migrate');
    const documents = { s3: stack.s3, bucket: stack.names.bucket };
    const found = await readDocument(documents, keys.lease(target.database), lease);
    return { database: target.database, lease: found?.value ?? null, runs: await recentRuns(stack, SHOWN_RUNS) };
  });
}

export const statusCommand: Command = {
  positional: null,
  options: { ...TARGET_OPTIONS, json: { help: 'print one JSON document: { "database", "lease", "runs" }' } },
  exits: [
    { code: 0, when: 'whatever the state is' },
    { code: EXIT_USAGE, when: 'wrong usage, or no such database' },
    { code: EXIT_FAULT, when: 'a fault of our own' },
  ],
  examples: ['carthub-db status --local', 'carthub-db status --database carthub --json'],
  async run(given, context) {
    const target = readTarget(given, context);
    const found = await status({ target }, context);
    context.terminal.out(
      given.flag('json') ? JSON.stringify(found, null, 2) : statusLines(found, target.flags).join('\n'),
    );
    return 0;
  },
};

/** The status as a person reads it. */
export function statusLines({ database, lease, runs }: Status, flags: string): string[] {
  const known = runs.find(({ version }) => version.after !== null);
  return [
    `${database}: ${known === undefined ? 'no run has told its version yet' : `at version ${known.version.after}, by run ${known.run}`}`,
    ...held(lease, flags),
    ...halfDone(runs),
    ...(lease?.dirty
      ? [
          `Marked dirty since ${lease.dirty.since} by run ${lease.dirty.run}: ${lease.dirty.reason}`,
          `Put it back: ${PROGRAM} restore${flags} --plan --before-run ${lease.dirty.run}`,
        ]
      : []),
    ...(runs.length === 0 ? ['No run is over yet.'] : ['Last runs:']),
    ...runs.map(runLine),
  ];
}

/** A file that the last migration left in its middle: what came after it, if anything, started nothing. */
function halfDone(runs: readonly OutcomeRecord[]): string[] {
  const last = runs.find(({ outcome }) => !LEFT_AS_IT_WAS.has(outcome));
  if (last?.outcome === 'Accepted')
    return (last.assessment?.state === 'Dirty' ? last.assessment.notes : []).filter(isOn);
  if (!last?.resumeAt) return [];
  const { file, step } = last.resumeAt;
  return [`${file} is half done, since run ${last.run}: the next migration goes on with its statement ${step}.`];
}

const LEFT_AS_IT_WAS = new Set([
  ...['Refused', 'FailedUntouched', 'NothingToDo'],
  ...['BackedUp', 'FailedBackup', 'FailedVerification'],
]);

function isOn(note: string): boolean {
  return note.startsWith('The next run goes on in ');
}

function held(lease: Lease | null, flags: string): string[] {
  if (!lease?.holder) return ['Nobody holds it.'];
  const { kind, execution, since } = lease.holder;
  const run = execution.split(':').at(-1);
  return [
    `Held by ${kind} ${run} since ${since}.`,
    ...(kind === 'restore' ? [`Go along with it, and answer it: ${PROGRAM} restore${flags} --resume ${run}`] : []),
  ];
}

function runLine({ run, kind, outcome, version, endedAt, error }: OutcomeRecord): string {
  const versions = version.after === null ? '' : ` ${version.before ?? '?'} -> ${version.after}`;
  return `  ${endedAt}  ${kind.padEnd(12)} ${run.padEnd(40)} ${outcome}${versions}${error === null ? '' : `  ${error.name}`}`;
}
