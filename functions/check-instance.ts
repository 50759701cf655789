import { RDSClient } from '@aws-sdk/client-rds';
import * as z from 'zod/mini';
import { patience } from '../lib/aws/patience.ts';
import { checkInstance } from '../lib/rds/check-instance.ts';
import { defineHandler } from './edge/handler.ts';
import { settings } from './edge/settings.ts';
import { run } from './edge/state.ts';

const rds = new RDSClient(patience);

export const handler = defineHandler(z.object({ run }), () =>
  checkInstance({ rds, identifier: settings.DB_INSTANCE, now: new Date() }),
);
