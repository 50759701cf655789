import * as z from 'zod/mini';
import { expireAndRecord } from '../lib/backups/retain.ts';
import { documents } from './edge/documents.ts';
import { defineHandler } from './edge/handler.ts';
import { writeLine } from './edge/log.ts';
import { retention } from './edge/retention.ts';
import { run } from './edge/state.ts';

/** After a backup that was verified, and only then: its place in the machine is what says that the last run succeeded. */
export const handler = defineHandler(z.object({ run }), ({ run }) =>
  expireAndRecord({
    ...{ documents, database: run.database, run: run.id, policy: retention() },
    log: (level, event, fields) => writeLine({ level, event, ...fields }),
    now: () => new Date(),
  }),
);
