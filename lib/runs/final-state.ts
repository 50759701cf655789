import * as z from 'zod/mini';
import { type Assessment, assessment } from '../damage/assessment.ts';
import { caught, faultOf } from './cause.ts';
import { kept } from './restoration.ts';
import { run } from './run.ts';

/** The state of a root execution at its end. What it did not come to is null. */
export const finalState = z.object({
  run,
  plan: z.nullable(z.object({ before: z.int(), pending: z.int() })),
  snapshot: z.nullable(z.object({ id: z.string() })),
  /** Set when the Job ended well and the schema was validated. */
  job: z.nullable(z.object({})),
  acceptance: z.nullable(z.object({ assessment })),
  settlement: z.nullable(
    z.object({
      assessment: z.union([assessment, z.object({ state: z.literal('Unassessed'), error: caught })]),
    }),
  ),
  settleError: z.nullable(caught),
  /** What the machine that puts a database back said of it; null when it was not asked, or could not answer. */
  restoration: z._default(
    z.nullable(
      z.object({
        restored: z.boolean(),
        refused: z.boolean(),
        error: z.nullable(caught),
        kept: z.nullable(kept),
      }),
    ),
    null,
  ),
  /** Why what had expired was not removed after a backup. */
  retention: z._default(z.nullable(caught), null),
  error: z.nullable(caught),
});

export type FinalState = z.infer<typeof finalState>;

/** What the failure did, as far as somebody could look; null when there was nothing to look for. */
export function assessmentOf({ settlement, settleError, acceptance }: FinalState): Assessment | null {
  if (acceptance !== null) return acceptance.assessment;
  if (settleError !== null) return { state: 'Unassessed', error: faultOf(settleError) };
  if (settlement === null) return null;
  const found = settlement.assessment;
  return found.state === 'Unassessed' && 'Error' in found.error
    ? { state: 'Unassessed', error: faultOf(found.error) }
    : assessment.parse(found);
}
