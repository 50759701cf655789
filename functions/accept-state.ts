import * as z from 'zod/mini';
import { acceptState } from '../lib/damage/accept-state.ts';
import { withDatabase } from './edge/database.ts';
import { documents } from './edge/documents.ts';
import { defineHandler } from './edge/handler.ts';
import { lease, run } from './edge/state.ts';

/** `unsettled`: the run that left the database dirty. */
const input = z.object({ run, lease, unsettled: run });

export const handler = defineHandler(input, ({ run, lease, unsettled }) =>
  withDatabase((client) => acceptState({ client, documents, run, dirtyRun: unsettled, token: lease.token })),
);
