import { RDSClient } from '@aws-sdk/client-rds';
import * as z from 'zod/mini';
import { createSnapshot } from '../lib/rds/snapshot.ts';
import { jobName } from '../lib/runs/keys.ts';
import { defineHandler } from './edge/handler.ts';
import { run } from './edge/state.ts';

const rds = new RDSClient();

const input = z.object({ run, instance: z.object({ identifier: z.string() }) });

export const handler = defineHandler(input, ({ run, instance }) =>
  createSnapshot({ rds, instance: instance.identifier, id: jobName(run.id), run: run.id, now: new Date() }),
);
