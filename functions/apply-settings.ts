import { RDSClient } from '@aws-sdk/client-rds';
import * as z from 'zod/mini';
import { patience } from '../lib/aws/patience.ts';
import { applySettings, settingsProgress } from '../lib/restore/apply-settings.ts';
import { documents } from './edge/documents.ts';
import { defineHandler } from './edge/handler.ts';
import { servedCredentials, withInstance } from './edge/instances.ts';
import { settings } from './edge/settings.ts';
import { lease, run } from './edge/state.ts';

const rds = new RDSClient(patience);

const input = z.object({ run, lease, progress: z.nullable(settingsProgress) });

export const handler = defineHandler(input, ({ run, progress }) =>
  applySettings({
    ...{ rds, documents, run: run.id, progress, opsGroup: settings.OPS_SECURITY_GROUP, now: new Date() },
    login: { withInstance, credentials: servedCredentials },
  }),
);
