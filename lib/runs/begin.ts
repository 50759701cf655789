import * as z from 'zod/mini';
import { nightId } from '../backups/keys.ts';
import {
  acceptInput,
  backupInput,
  InvalidInputError,
  migrateInput,
  parseInput,
  type Run,
  restoreInput,
} from './run.ts';

/** How a root execution introduces itself. */
export const beginning = z.object({
  kind: z.enum(['migrate', 'accept-state', 'restore', 'backup']),
  run: z.string(),
  execution: z.string(),
  startedAt: z.string(),
  /** The execution's input, as given by whoever started it. */
  input: z.unknown(),
});

/** What a run that applies no files has of those that do. */
const NO_FILES = { release: null, image: null, target: null, onFailure: 'keep', onDrift: 'refuse' } as const;

/**
 * Makes the run of a root execution, from input that anybody may have written.
 * @throws InvalidInputError for a field that is missing, unknown or wrong, and for another stack's database
 */
export function beginRun(start: z.infer<typeof beginning>, database: string): Run {
  const made: Run = {
    ...{ id: start.run, execution: start.execution, startedAt: start.startedAt },
    ...{ reason: null, resumeAt: null, restore: null, backup: null, planDigest: null },
    ...partsOf(start),
  };
  if (made.database !== database) {
    throw new InvalidInputError(`This stack serves the database ${database}, not ${made.database}.`, {
      remedy: `Start the state machine carthub-db-${made.database}-${start.kind} instead.`,
    });
  }
  return made;
}

function partsOf({ kind, run, input }: z.infer<typeof beginning>) {
  switch (kind) {
    case 'migrate':
      return { kind, ...parseInput(migrateInput, input, kind) };
    case 'accept-state':
      return { kind, ...NO_FILES, ...parseInput(acceptInput, input, kind) };
    case 'restore': {
      const { database, reason, requestedBy, ...restore } = parseInput(restoreInput, input, kind);
      return { kind, ...NO_FILES, ...{ database, reason, requestedBy, restore, planDigest: restore.planDigest } };
    }
    case 'backup': {
      const { scheduled, timeZone, patience, ...rest } = parseInput(backupInput, input, kind);
      const backup = { id: scheduled === null ? run : nightId(scheduled, timeZone), patience };
      return { kind, ...NO_FILES, ...rest, backup };
    }
  }
}
