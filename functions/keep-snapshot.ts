import { RDSClient } from '@aws-sdk/client-rds';
import * as z from 'zod/mini';
import { patience } from '../lib/aws/patience.ts';
import { keepSnapshot } from '../lib/rds/snapshot.ts';
import { jobName } from '../lib/runs/keys.ts';
import { defineHandler } from './edge/handler.ts';
import { run } from './edge/state.ts';

const rds = new RDSClient(patience);

export const handler = defineHandler(z.object({ run }), ({ run }) =>
  keepSnapshot({ rds, id: jobName(run.database, run.id), why: 'dirty' }),
);
