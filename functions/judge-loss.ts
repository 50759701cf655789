import * as z from 'zod/mini';
import { readPlan } from '../lib/restore/documents.ts';
import { decideLoss } from '../lib/restore/judge-loss.ts';
import { optionsOf } from '../lib/restore/options.ts';
import { documents } from './edge/documents.ts';
import { defineHandler } from './edge/handler.ts';
import { lease, run } from './edge/state.ts';

export const handler = defineHandler(z.object({ run, lease }), async ({ run }) =>
  decideLoss({
    ...{ documents, plan: await readPlan(documents, run.id), options: optionsOf(run), now: () => new Date() },
    isAutomatic: run.kind === 'migrate',
  }),
);
