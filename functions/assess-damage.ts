import * as z from 'zod/mini';
import { assessFailure } from '../lib/damage/assess-damage.ts';
import { withDatabase } from './edge/database.ts';
import { documents } from './edge/documents.ts';
import { defineHandler } from './edge/handler.ts';
import { run } from './edge/state.ts';

export const handler = defineHandler(z.object({ run }), ({ run }) =>
  withDatabase((client) => assessFailure({ client, documents, run, now: () => new Date() })),
);
