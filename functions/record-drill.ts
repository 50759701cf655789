import * as z from 'zod/mini';
import { drillPlan, drillRun } from '../lib/drills/order.ts';
import { recordEnd } from '../lib/drills/record.ts';
import { caught } from '../lib/runs/cause.ts';
import { documents } from './edge/documents.ts';
import { defineHandler } from './edge/handler.ts';
import { settings } from './edge/settings.ts';

const input = z.object({
  name: z.string(),
  execution: z.string(),
  startedAt: z.string(),
  /** Null, as the plan, when it did not come to one. */
  run: z.nullable(drillRun),
  drill: z.nullable(drillPlan),
  instance: z.nullable(z.object({ instanceMs: z.nullable(z.int()) })),
  error: z.nullable(caught),
});

export const handler = defineHandler(input, ({ name: id, execution, startedAt, run, drill: plan, instance, error }) => {
  const unplanned = { id, execution, startedAt, database: settings.DATABASE, requestedBy: 'not known' };
  const { instanceMs = null } = instance ?? {};
  return recordEnd({ documents, run: run ?? unplanned, plan, instanceMs, error, now: new Date() });
});
