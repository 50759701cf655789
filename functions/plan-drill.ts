import * as z from 'zod/mini';
import { planDrill } from '../lib/drills/plan.ts';
import { documents } from './edge/documents.ts';
import { initialDrill } from './edge/drill.ts';
import { defineHandler } from './edge/handler.ts';
import { settings } from './edge/settings.ts';

const input = z.object({ run: z.string(), execution: z.string(), startedAt: z.string(), input: z.unknown() });

export const handler = defineHandler(input, async ({ run: name, execution: arn, startedAt, input }) => {
  const { DATABASE: database, DB_INSTANCE: instance } = settings;
  const execution = { name, arn, startedAt };
  return initialDrill(await planDrill({ documents, database, instance, execution, input, now: new Date() }));
});
