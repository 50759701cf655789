import { RDSClient } from '@aws-sdk/client-rds';
import * as z from 'zod/mini';
import { patience } from '../lib/aws/patience.ts';
import { loop } from '../lib/restore/loop.ts';
import { retireInstance } from '../lib/restore/retire.ts';
import { documents } from './edge/documents.ts';
import { defineHandler } from './edge/handler.ts';
import { settings } from './edge/settings.ts';
import { lease, run } from './edge/state.ts';

const rds = new RDSClient(patience);

const input = z.object({ run, lease, progress: z.nullable(z.object(loop)) });

export const handler = defineHandler(input, ({ run, progress }) =>
  retireInstance({
    ...{ rds, documents, run: run.id, progress, opsGroup: settings.OPS_SECURITY_GROUP, now: new Date() },
  }),
);
