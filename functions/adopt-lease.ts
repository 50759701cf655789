import { SFNClient } from '@aws-sdk/client-sfn';
import * as z from 'zod/mini';
import { patience } from '../lib/aws/patience.ts';
import { sweep } from '../lib/lease/sweep.ts';
import { documents } from './edge/documents.ts';
import { defineHandler } from './edge/handler.ts';
import { settings } from './edge/settings.ts';
import { initialState } from './edge/state.ts';

const sfn = new SFNClient(patience);

/** `ended`: the execution whose end woke the sweeper, null when the clock did. */
const input = z.object({ run: z.string(), execution: z.string(), ended: z.nullable(z.string()) });

/** Adopts a lease whose holder is over; `run` is null when there is nothing to do. */
export const handler = defineHandler(input, async ({ execution, ended }) => {
  const database = settings.DATABASE;
  const found = await sweep({ documents, sfn, database, execution, ended, now: () => new Date() });
  if (found === null) return { run: null, end: null };
  const { run, token, error, end, recovery } = found;
  return { ...initialState({ run, execution, token }), error, end, recovery, unfreeze: null, keepCopy: null };
});
