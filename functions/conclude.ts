import * as z from 'zod/mini';
import { caught } from '../lib/runs/cause.ts';
import { concludeRun } from '../lib/runs/conclude.ts';
import { finalState } from '../lib/runs/final-state.ts';
import { refuseRun } from '../lib/runs/refuse.ts';
import { documents } from './edge/documents.ts';
import { defineHandler } from './edge/handler.ts';
import { settings } from './edge/settings.ts';
import { holder } from './edge/state.ts';

const unleased = z.object({
  run: z.null(),
  name: z.string(),
  kind: z.string(),
  execution: z.string(),
  startedAt: z.string(),
  error: caught,
});

const input = z.object({ state: z.union([z.extend(finalState, { holder }), unleased]) });

export const handler = defineHandler(input, async ({ state }) => {
  const now = new Date();
  if (state.run !== null) return concludeRun({ documents, state, by: state.holder.execution, now });
  return refuseRun({ documents, unleased: { ...state, database: settings.DATABASE }, now });
});
