import * as z from 'zod/mini';
import { readRelease } from '../lib/migrations/plan-migration.ts';
import { validateSchema } from '../lib/schema/validate-schema.ts';
import { withDatabase } from './edge/database.ts';
import { documents } from './edge/documents.ts';
import { defineHandler } from './edge/handler.ts';
import { run } from './edge/state.ts';

export const handler = defineHandler(z.object({ run }), async ({ run }) => {
  const release = await readRelease(documents, run);
  return withDatabase((client) => validateSchema(client, release));
});
