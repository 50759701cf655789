import type { DrillPlan, DrillRun } from '../../lib/drills/order.ts';
import type { DrillEnd } from '../../lib/drills/record.ts';

/** What a drill's execution ends with unless something else is written down. */
const NOT_RECORDED: DrillEnd = {
  ...{ outcome: 'OutcomeNotRecordedError', succeeded: false },
  cause: 'What the drill found could not be written to S3. Start it again.',
};

/** The state with which a drill begins. Whatever a later step reads is here from the start: a missing path fails uncaught. */
export function initialDrill({ run, drill }: { run: DrillRun; drill: DrillPlan }) {
  return { run, drill, ...{ instance: null, error: null, removal: null }, end: NOT_RECORDED };
}
