import { RDSClient } from '@aws-sdk/client-rds';
import * as z from 'zod/mini';
import { patience } from '../lib/aws/patience.ts';
import { unfreeze } from '../lib/restore/unfreeze.ts';
import { documents } from './edge/documents.ts';
import { defineHandler } from './edge/handler.ts';
import { withInstance } from './edge/instances.ts';
import { lease, run } from './edge/state.ts';

const rds = new RDSClient(patience);

const input = z.object({
  run,
  lease,
  progress: z.nullable(z.object({ startedAt: z.string(), taken: z._default(z.boolean(), false) })),
});

export const handler = defineHandler(input, ({ run, progress }) =>
  unfreeze({ rds, documents, withInstance, run: run.id, progress, now: () => new Date() }),
);
