import { RDSClient } from '@aws-sdk/client-rds';
import * as z from 'zod/mini';
import { patience } from '../lib/aws/patience.ts';
import { drillPlan, drillRun } from '../lib/drills/order.ts';
import { removeInstance } from '../lib/drills/remove-instance.ts';
import { loop } from '../lib/restore/loop.ts';
import { defineHandler } from './edge/handler.ts';

const rds = new RDSClient(patience);

const input = z.object({ run: drillRun, drill: drillPlan, progress: z.nullable(z.object(loop)) });

export const handler = defineHandler(input, ({ run, drill, progress }) =>
  removeInstance({ rds, run, identifier: drill.instance, progress, now: new Date() }),
);
