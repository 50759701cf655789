import * as z from 'zod/mini';
import { endBackends } from '../lib/damage/end-backends.ts';
import { jobName } from '../lib/runs/keys.ts';
import { withDatabase } from './edge/database.ts';
import { defineHandler } from './edge/handler.ts';
import { lease, run } from './edge/state.ts';

export const handler = defineHandler(z.object({ run, lease }), ({ run, lease }) =>
  withDatabase((client) => endBackends({ client, applicationName: jobName(run.database, run.id), token: lease.token })),
);
