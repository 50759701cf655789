import { SFNClient } from '@aws-sdk/client-sfn';
import { patience } from '../lib/aws/patience.ts';
import { acquireLease } from '../lib/lease/acquire.ts';
import { beginning, beginRun } from '../lib/runs/begin.ts';
import { documents } from './edge/documents.ts';
import { defineHandler } from './edge/handler.ts';
import { settings } from './edge/settings.ts';
import { initialState } from './edge/state.ts';

const sfn = new SFNClient(patience);

/** Parses the input of the root execution and takes the database's lease for it. Returns the state that all steps share. */
export const handler = defineHandler(beginning, async (start) => {
  const run = beginRun(start, settings.DATABASE);
  const { token, unsettled } = await acquireLease({ documents, sfn, run, now: () => new Date() });
  return { ...initialState({ run, execution: run.execution, token }), unsettled };
});
