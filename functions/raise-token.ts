import * as z from 'zod/mini';
import { raiseToken } from '../lib/lease/raise-token.ts';
import { documents } from './edge/documents.ts';
import { defineHandler } from './edge/handler.ts';
import { holder, run } from './edge/state.ts';

export const handler = defineHandler(z.object({ run, holder }), ({ run, holder }) =>
  raiseToken({ documents, database: run.database, execution: holder.execution }),
);
