import * as z from 'zod/mini';
import { acceptInput, InvalidInputError, migrateInput, parseInput, type Run } from './run.ts';

/** How a root execution introduces itself. */
export const beginning = z.object({
  kind: z.enum(['migrate', 'accept-state']),
  run: z.string(),
  execution: z.string(),
  startedAt: z.string(),
  /** The execution's input, as given by whoever started it. */
  input: z.unknown(),
});

/**
 * Makes the run of a root execution, from input that anybody may have written.
 * @throws InvalidInputError for a field that is missing, unknown or wrong, and for another stack's database
 */
export function beginRun(start: z.infer<typeof beginning>, database: string): Run {
  const origin = { id: start.run, execution: start.execution, startedAt: start.startedAt };
  const made: Run =
    start.kind === 'migrate'
      ? {
          ...origin,
          kind: 'migrate',
          reason: null,
          resumeAt: null,
          ...parseInput(migrateInput, start.input, 'migrate'),
        }
      : {
          ...origin,
          kind: 'accept-state',
          ...{ release: null, image: null, target: null, onFailure: 'keep', onDrift: 'refuse', planDigest: null },
          ...parseInput(acceptInput, start.input, 'accept-state'),
        };
  if (made.database !== database) {
    throw new InvalidInputError(`This stack serves the database ${database}, not ${made.database}.`, {
      remedy: `Start the state machine carthub-db-${made.database}-${start.kind} instead.`,
    });
  }
  return made;
}
