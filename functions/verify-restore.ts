import * as z from 'zod/mini';
import { verifyRestore } from '../lib/restore/verify-restore.ts';
import { withDatabase } from './edge/database.ts';
import { documents } from './edge/documents.ts';
import { defineHandler } from './edge/handler.ts';
import { lease, run } from './edge/state.ts';

export const handler = defineHandler(z.object({ run, lease }), ({ run, lease }) =>
  withDatabase((client) =>
    verifyRestore({ client, documents, run: run.id, token: lease.token, now: () => new Date() }),
  ),
);
