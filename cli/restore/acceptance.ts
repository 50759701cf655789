import { toFault } from '../../lib/errors.ts';
import { writeAcceptance } from '../../lib/restore/acceptance.ts';
import { localTime, utcTime } from '../../lib/restore/local-time.ts';
import { type LossDocument, readLoss } from '../../lib/restore/loss-document.ts';
import type { Context } from '../command.ts';
import { PROGRAM } from '../program.ts';
import { faultLines } from '../result/fault-lines.ts';
import type { Hints } from '../result/outcome-lines.ts';
import type { Stack } from '../stack/stack.ts';
import type { Change } from '../timeline/step.ts';
import { type AcceptedLoss, acceptedLossText } from './accept-loss.ts';
import { isYes } from './agree.ts';
import { documentsOf, exactly, lossLines } from './loss-lines.ts';
import { zoneHere } from './zone.ts';

type Waiting = { stack: Stack; run: string; reason: string | null; by: string; hints: Hints; context: Context };

/** Writes down what a person lets go, or that they let nothing go. The run reads it at its next look. */
export function acceptLoss(word: {
  stack: Stack;
  run: string;
  tables: AcceptedLoss | 'none';
  by: string;
  reason: string;
  now: Date;
}): Promise<void> {
  const { stack, run, tables, by, reason, now } = word;
  const documents = { s3: stack.s3, bucket: stack.names.bucket };
  return writeAcceptance(documents, { run, tables, by, reason, at: now.toISOString() });
}

/**
 * Lends `use` a listener that shows what would be lost as soon as the run waits for a word about it, and asks where somebody is there
 * to answer. The question is withdrawn when the run goes on without an answer.
 */
export async function withAcceptance<T>(
  waiting: Waiting,
  use: (onChanges: (changes: readonly Change[]) => void) => Promise<T>,
): Promise<T> {
  const over = new AbortController();
  let asking: Promise<void> | null = null;
  const ask = async () => {
    try {
      await askForWord(waiting, over.signal);
    } catch (error) {
      // The run goes on whether or not its loss can be shown here.
      for (const line of faultLines(toFault(error))) waiting.context.terminal.err(line);
    }
  };
  try {
    return await use((changes) => {
      if (changes.some(isWaiting)) asking ??= ask();
      if (changes.some(isOver)) over.abort();
    });
  } finally {
    over.abort();
    await asking;
  }
}

/** The workflow looks for a word again and again. */
function isWaiting({ what, step }: Change): boolean {
  return what === 'entered' && step.type === 'Wait' && /^WaitFor(Acceptance|Word)$/.test(step.state);
}

function isOver({ what, step }: Change): boolean {
  return what === 'entered' && /^(ReplayWrites|Unfreeze)$/.test(step.state);
}

async function askForWord(waiting: Waiting, withdrawn: AbortSignal): Promise<void> {
  const { stack, run, reason, by, hints, context } = waiting;
  const { terminal, now } = context;
  const loss = await readLoss({ s3: stack.s3, bucket: stack.names.bucket }, run);
  if (loss === null || loss.waitsUntil === null) return;
  const kept = documentsOf(stack.names.bucket, run);
  for (const line of ['', ...lossLines(loss, kept), '', ...waitLines(loss, hints)]) terminal.err(line);
  const answer = await terminal.ask('Let go of exactly these rows and cut over? [y/N] ', withdrawn);
  if (answer === null) return;
  const tables = isYes(answer) ? exactly(loss) : 'none';
  const asked = async () =>
    tables === 'none' ? null : await terminal.ask('Why? It is kept with the run: ', withdrawn);
  const why = reason ?? ((await asked())?.trim() || 'no reason was given');
  await acceptLoss({ stack, run, tables, by, reason: why, now: now() });
  terminal.err(
    tables === 'none'
      ? 'Not accepted: the application is let in to the old instance again.'
      : 'Accepted; the run goes on.',
  );
}

function onBothClocks(at: Date): string {
  const zone = zoneHere();
  return zone === 'UTC' ? utcTime(at) : `${utcTime(at)} (${localTime(at, zone).slice(11)})`;
}

function waitLines({ run, waitsUntil, ...loss }: LossDocument, { flags }: Hints): string[] {
  const accepted = acceptedLossText(exactly({ run, waitsUntil, ...loss }));
  return [
    `The application is stopped. Without a word until ${onBothClocks(new Date(waitsUntil ?? loss.at))} the old instance serves again, and nothing is lost.`,
    `From another terminal: ${PROGRAM} restore${flags} --resume ${run} --accept-loss ${accepted} --reason "why"`,
  ];
}
