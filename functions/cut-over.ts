import { RDSClient } from '@aws-sdk/client-rds';
import * as z from 'zod/mini';
import { patience } from '../lib/aws/patience.ts';
import { cutOver } from '../lib/restore/cut-over.ts';
import { cutoverJournal } from '../lib/restore/cutover-journal.ts';
import { readPlan } from '../lib/restore/documents.ts';
import { documents } from './edge/documents.ts';
import { defineHandler } from './edge/handler.ts';
import { servedCredentials, withInstance } from './edge/instances.ts';
import { settings } from './edge/settings.ts';
import { lease, run } from './edge/state.ts';

const rds = new RDSClient(patience);

const input = z.object({
  run,
  lease,
  progress: z.nullable(z.object({ startedAt: z.string(), exchanging: z.nullable(cutoverJournal) })),
  /** Back to how it was. */
  reverse: z._default(z.boolean(), false),
});

export const handler = defineHandler(input, ({ run, lease, progress, reverse }) =>
  cutOver({
    ...{ rds, documents, withInstance, credentials: servedCredentials, run: run.id, now: () => new Date() },
    plan: () => readPlan(documents, run.id),
    ...{ token: lease.token, opsGroup: settings.OPS_SECURITY_GROUP, isBackward: reverse, progress },
  }),
);
