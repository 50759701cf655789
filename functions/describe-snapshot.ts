import { RDSClient } from '@aws-sdk/client-rds';
import * as z from 'zod/mini';
import { patience } from '../lib/aws/patience.ts';
import { describeSnapshot } from '../lib/rds/snapshot.ts';
import { defineHandler } from './edge/handler.ts';
import { run } from './edge/state.ts';

const rds = new RDSClient(patience);

const snapshot = z.object({ id: z.string(), done: z.boolean(), startedAt: z.string(), waitSeconds: z.int() });

export const handler = defineHandler(z.object({ run, snapshot }), ({ snapshot }) =>
  describeSnapshot({ rds, progress: snapshot, now: new Date() }),
);
