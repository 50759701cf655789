import { RDSClient } from '@aws-sdk/client-rds';
import { SFNClient } from '@aws-sdk/client-sfn';
import * as z from 'zod/mini';
import { patience } from '../lib/aws/patience.ts';
import { sweepInstances } from '../lib/drills/remove-instance.ts';
import { documents } from './edge/documents.ts';
import { defineHandler } from './edge/handler.ts';
import { settings } from './edge/settings.ts';

const rds = new RDSClient(patience);
const sfn = new SFNClient(patience);

/** The schedule starts it with nothing, and so does each drill. */
export const handler = defineHandler(z.object({}), () =>
  sweepInstances({ rds, sfn, documents, database: settings.DATABASE, now: new Date() }),
);
