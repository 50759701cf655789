import { RDSClient } from '@aws-sdk/client-rds';
import * as z from 'zod/mini';
import { patience } from '../lib/aws/patience.ts';
import { bothSides } from '../lib/restore/both-sides.ts';
import { readPlan } from '../lib/restore/documents.ts';
import { optionsOf } from '../lib/restore/options.ts';
import { replayWrites } from '../lib/restore/replay-writes.ts';
import { documents } from './edge/documents.ts';
import { defineHandler } from './edge/handler.ts';
import { withInstance } from './edge/instances.ts';
import { lease, run } from './edge/state.ts';

const rds = new RDSClient(patience);

export const handler = defineHandler(z.object({ run, lease }), async ({ run, lease }) => {
  const plan = await readPlan(documents, run.id);
  const withSides = bothSides({ rds, withInstance, plan });
  const now = () => new Date();
  return replayWrites({ documents, withSides, plan, options: optionsOf(run), token: lease.token, now });
});
