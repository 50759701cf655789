import { type Fault, toFault } from '../lib/errors.ts';
import { RestoreRefusedError, RestoreTargetError } from '../lib/restore/errors.ts';
import { EXIT_CODES, EXIT_FAULT, EXIT_USAGE } from '../lib/runs/outcome.ts';
import { CheckFileError } from '../lib/schema/checks/read-check.ts';
import { IgnoreRulesError } from '../lib/schema/ignore.ts';
import type { Context } from './command.ts';
import { InputError, InterruptedError } from './errors.ts';
import { faultLines } from './result/fault-lines.ts';
import { spelledOut } from './result/spell-out.ts';

/**
 * Shows what ended a command, and names its exit code.
 *
 * @param document what `--json` prints of it; null without `--json`
 * @param flags what leads a further command to the same database
 */
export function fail(
  error: unknown,
  document: ((fault: Fault) => object) | null,
  { terminal, interrupted }: Context,
  flags = '',
): number {
  // What an interruption breaks fails in many ways, of which none is the reason.
  const cause: unknown = interrupted.aborted && !(error instanceof InterruptedError) ? interrupted.reason : error;
  const fault = spelledOut(toFault(cause), flags);
  terminal.live(null);
  for (const line of faultLines(fault)) terminal.err(line);
  // What is none of our named errors is a fault of ours: where it came from is what helps then.
  if (fault.remedy === null && cause instanceof Error) terminal.err(frames(cause));
  if (document !== null) terminal.out(JSON.stringify(document(fault), null, 2));
  return exitCode(cause);
}

function frames({ stack = '' }: Error): string {
  return stack
    .split('\n')
    .filter((line) => line.startsWith('    at '))
    .join('\n');
}

/** What a person gave, in options or in files, cannot be used. */
const WRONG_INPUT = [InputError, RestoreTargetError, IgnoreRulesError, CheckFileError];

function exitCode(error: unknown): number {
  if (error instanceof InterruptedError) return error.exitCode;
  if (error instanceof RestoreRefusedError) return EXIT_CODES.Refused;
  return WRONG_INPUT.some((kind) => error instanceof kind) ? EXIT_USAGE : EXIT_FAULT;
}
