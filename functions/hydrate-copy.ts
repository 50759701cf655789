import { RDSClient } from '@aws-sdk/client-rds';
import * as z from 'zod/mini';
import { patience } from '../lib/aws/patience.ts';
import { hydrateCopy } from '../lib/restore/hydrate.ts';
import { loop } from '../lib/restore/loop.ts';
import { optionsOf } from '../lib/restore/options.ts';
import { documents } from './edge/documents.ts';
import { defineHandler } from './edge/handler.ts';
import { lease, run } from './edge/state.ts';

const rds = new RDSClient(patience);

const input = z.object({ run, lease, progress: z.nullable(z.object(loop)) });

export const handler = defineHandler(input, ({ run, progress }) =>
  hydrateCopy({ rds, documents, run: run.id, wanted: optionsOf(run).hydrate, progress, now: new Date() }),
);
