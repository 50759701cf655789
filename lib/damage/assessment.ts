import * as z from 'zod/mini';
import { fault } from '../runs/verdict.ts';

/** A step of a file that the journal shows begun. */
export const begunStep = z.object({
  file: z.string(),
  step: z.int(),
  /** `unknown`: begun, and the journal does not say how it ended; `undone`: the same, and nothing of it can be committed. */
  end: z.enum(['done', 'refused', 'undone', 'unknown', 'accepted']),
});

/** A file that did damage by its own SQL, and not because its pod was killed or the connection broke. */
export const blamedFile = z.object({ sha256: z.string(), file: z.string(), reason: z.string() });

/**
 * What a failure did to the database.
 *
 * - `Untouched`: nothing of the run is committed.
 * - `AtVersion`: the schema is that of `version`, with whole files. `resumeAt` names a step that the server refused and
 *   from which the next run goes on.
 * - `Dirty`: no version describes it. `reason` says what is not as it should be.
 * - `Unassessed`: the database could not be looked at.
 */
export const assessment = z.discriminatedUnion('state', [
  z.object({ state: z.literal('Untouched'), before: z.nullable(z.int()), after: z.int(), notes: z.array(z.string()) }),
  z.object({
    state: z.literal('AtVersion'),
    before: z.nullable(z.int()),
    after: z.int(),
    resumeAt: z.nullable(z.object({ file: z.string(), step: z.int() })),
    notes: z.array(z.string()),
  }),
  z.object({
    state: z.literal('Dirty'),
    before: z.nullable(z.int()),
    after: z.int(),
    reason: z.string(),
    steps: z.array(begunStep),
    blamed: z._default(z.array(blamedFile), []),
    notes: z.array(z.string()),
  }),
  z.object({ state: z.literal('Unassessed'), error: fault }),
]);

export type Assessment = z.infer<typeof assessment>;
export type BegunStep = z.infer<typeof begunStep>;
export type BlamedFile = z.infer<typeof blamedFile>;
