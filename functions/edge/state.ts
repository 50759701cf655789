import * as z from 'zod/mini';
import { type Run, run } from '../../lib/runs/run.ts';

export { run };

/** The token under which a step works. */
export const lease = z.object({ token: z.int() });

/** The execution that has the lease: the run's own, or the sweeper's. */
export const holder = z.object({ execution: z.string() });

/** The state with which a root begins. Whatever a later step reads is here from the start: a missing path fails uncaught. */
export function initialState(options: { run: Run; execution: string; token: number }) {
  return {
    run: options.run,
    holder: { execution: options.execution },
    lease: { token: options.token },
    ...{ plan: null, instance: null, snapshot: null, job: null, acceptance: null },
    ...{ settlement: null, settleError: null, restoration: null, error: null, end: null },
    ...{ backup: null, verify: null, ending: null, retention: null },
  };
}
