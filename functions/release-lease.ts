import * as z from 'zod/mini';
import { dirtyMark } from '../lib/lease/lease.ts';
import { releaseLease } from '../lib/lease/release.ts';
import { documents } from './edge/documents.ts';
import { defineHandler } from './edge/handler.ts';
import { holder, run } from './edge/state.ts';

const input = z.object({
  run,
  holder,
  end: z.object({ dirty: z.union([z.null(), dirtyMark, z.literal('as it is')]) }),
});

export const handler = defineHandler(input, ({ run, holder, end }) =>
  releaseLease({ documents, database: run.database, execution: holder.execution, dirty: end.dirty }),
);
