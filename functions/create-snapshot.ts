import { RDSClient } from '@aws-sdk/client-rds';
import * as z from 'zod/mini';
import { patience } from '../lib/aws/patience.ts';
import { createSnapshot } from '../lib/rds/snapshot.ts';
import { jobName } from '../lib/runs/keys.ts';
import { documents } from './edge/documents.ts';
import { defineHandler } from './edge/handler.ts';
import { run } from './edge/state.ts';

const rds = new RDSClient(patience);

const input = z.object({ run, instance: z.object({ identifier: z.string() }) });

export const handler = defineHandler(input, ({ run, instance }) =>
  createSnapshot({
    ...{ rds, documents, database: run.database, run: run.id, now: new Date() },
    ...{ instance: instance.identifier, id: jobName(run.database, run.id) },
  }),
);
