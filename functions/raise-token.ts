import * as z from 'zod/mini';
import { raiseToken } from '../lib/lease/raise-token.ts';
import { documents } from './edge/documents.ts';
import { defineHandler } from './edge/handler.ts';
import { holder, run } from './edge/state.ts';

/** `above`: the token in the database, when it is not smaller than the lease's. */
const input = z.object({ run, holder, above: z._default(z.nullable(z.int()), null) });

export const handler = defineHandler(input, ({ run, holder, above }) =>
  raiseToken({ documents, database: run.database, execution: holder.execution, above }),
);
