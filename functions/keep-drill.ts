import { RDSClient } from '@aws-sdk/client-rds';
import * as z from 'zod/mini';
import { patience } from '../lib/aws/patience.ts';
import { drillPlan, drillRun } from '../lib/drills/order.ts';
import { keepInstance } from '../lib/drills/remove-instance.ts';
import { defineHandler } from './edge/handler.ts';

const rds = new RDSClient(patience);

export const handler = defineHandler(z.object({ run: drillRun, drill: drillPlan }), ({ run, drill }) =>
  keepInstance({ rds, run, identifier: drill.instance }),
);
