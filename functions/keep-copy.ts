import { RDSClient } from '@aws-sdk/client-rds';
import * as z from 'zod/mini';
import { patience } from '../lib/aws/patience.ts';
import { keepCopy } from '../lib/restore/keep-copy.ts';
import { documents } from './edge/documents.ts';
import { defineHandler } from './edge/handler.ts';
import { lease, run } from './edge/state.ts';

const rds = new RDSClient(patience);

export const handler = defineHandler(z.object({ run, lease }), ({ run }) =>
  keepCopy({ rds, documents, run: run.id, now: new Date() }),
);
