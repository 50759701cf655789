import { RDSClient } from '@aws-sdk/client-rds';
import * as z from 'zod/mini';
import { patience } from '../lib/aws/patience.ts';
import { readPlan } from '../lib/restore/documents.ts';
import { validateCopy } from '../lib/restore/validate-copy.ts';
import { documents } from './edge/documents.ts';
import { defineHandler } from './edge/handler.ts';
import { withInstance } from './edge/instances.ts';
import { lease, run } from './edge/state.ts';

const rds = new RDSClient(patience);

export const handler = defineHandler(z.object({ run, lease }), async ({ run }) =>
  validateCopy({ rds, withInstance, plan: await readPlan(documents, run.id) }),
);
