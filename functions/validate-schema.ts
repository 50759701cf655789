import * as z from 'zod/mini';
import { validateSchema } from '../lib/damage/validate-schema.ts';
import { readRelease } from '../lib/migrations/plan-migration.ts';
import { withDatabase } from './edge/database.ts';
import { documents } from './edge/documents.ts';
import { defineHandler } from './edge/handler.ts';
import { run } from './edge/state.ts';

export const handler = defineHandler(z.object({ run }), async ({ run }) => {
  const release = await readRelease(documents, run);
  return withDatabase((client) => validateSchema({ client, documents, run, release }));
});
