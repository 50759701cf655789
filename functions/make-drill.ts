import { RDSClient } from '@aws-sdk/client-rds';
import * as z from 'zod/mini';
import { patience } from '../lib/aws/patience.ts';
import { makeInstance } from '../lib/drills/make-instance.ts';
import { drillPlan, drillRun } from '../lib/drills/order.ts';
import { loop } from '../lib/restore/loop.ts';
import { defineHandler } from './edge/handler.ts';
import { settings } from './edge/settings.ts';

const rds = new RDSClient(patience);

const input = z.object({ run: drillRun, drill: drillPlan, progress: z.nullable(z.object(loop)) });

export const handler = defineHandler(input, ({ run, drill: plan, progress }) => {
  const { DB_INSTANCE: source } = settings;
  const group = z.string().check(z.minLength(1)).parse(process.env.DRILL_SECURITY_GROUP);
  return makeInstance({ rds, run, plan, source, group, progress, now: new Date() });
});
