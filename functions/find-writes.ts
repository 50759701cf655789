import { RDSClient } from '@aws-sdk/client-rds';
import * as z from 'zod/mini';
import { patience } from '../lib/aws/patience.ts';
import { bothSides } from '../lib/restore/both-sides.ts';
import { readPlan } from '../lib/restore/documents.ts';
import { findWrites } from '../lib/restore/find-writes.ts';
import { documents } from './edge/documents.ts';
import { defineHandler } from './edge/handler.ts';
import { withInstance } from './edge/instances.ts';
import { lease, run } from './edge/state.ts';

const rds = new RDSClient(patience);

const input = z.object({
  run,
  lease,
  /** 1 while others still write, 2 on the frozen database. */
  pass: z.union([z.literal(1), z.literal(2)]),
  progress: z.nullable(z.object({ startedAt: z.iso.datetime() })),
});

export const handler = defineHandler(input, async ({ run, pass, progress }) => {
  const plan = await readPlan(documents, run.id);
  const withSides = bothSides({ rds, withInstance, plan });
  return findWrites({ documents, withSides, plan, pass, progress, now: () => new Date() });
});
