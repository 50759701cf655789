import { RDSClient } from '@aws-sdk/client-rds';
import * as z from 'zod/mini';
import { patience } from '../lib/aws/patience.ts';
import { admitApplication } from '../lib/restore/admit-application.ts';
import { readPlan } from '../lib/restore/documents.ts';
import { documents } from './edge/documents.ts';
import { defineHandler } from './edge/handler.ts';
import { settings } from './edge/settings.ts';
import { lease, run } from './edge/state.ts';

const rds = new RDSClient(patience);

const input = z.object({ run, lease, progress: z.nullable(z.object({ startedAt: z.string() })) });

export const handler = defineHandler(input, async ({ run, progress }) =>
  admitApplication({
    ...{ rds, documents, run: run.id, progress, now: () => new Date() },
    plan: await readPlan(documents, run.id),
    opsGroup: settings.OPS_SECURITY_GROUP,
  }),
);
