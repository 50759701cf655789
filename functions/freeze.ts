import { RDSClient } from '@aws-sdk/client-rds';
import * as z from 'zod/mini';
import { patience } from '../lib/aws/patience.ts';
import { readPlan } from '../lib/restore/documents.ts';
import { freeze } from '../lib/restore/freeze.ts';
import { optionsOf } from '../lib/restore/options.ts';
import { documents } from './edge/documents.ts';
import { defineHandler } from './edge/handler.ts';
import { withInstance } from './edge/instances.ts';
import { settings } from './edge/settings.ts';
import { lease, run } from './edge/state.ts';

const rds = new RDSClient(patience);

const input = z.object({
  ...{ run, lease },
  progress: z.nullable(
    z.object({ clear: z.int(), ended: z.int(), busySince: z._default(z.nullable(z.string()), null) }),
  ),
});

export const handler = defineHandler(input, async ({ run, progress }) =>
  freeze({
    ...{ rds, documents, withInstance, run: run.id, progress, now: () => new Date() },
    plan: await readPlan(documents, run.id),
    opsGroup: settings.OPS_SECURITY_GROUP,
    maxFreezeSeconds: optionsOf(run).maxFreezeSeconds,
    isAutomatic: run.kind === 'migrate' && run.onFailure !== 'restore',
  }),
);
