import { RDSClient } from '@aws-sdk/client-rds';
import * as z from 'zod/mini';
import { patience } from '../lib/aws/patience.ts';
import { pruneSnapshots } from '../lib/rds/prune-snapshots.ts';
import { documents } from './edge/documents.ts';
import { defineHandler } from './edge/handler.ts';
import { writeLine } from './edge/log.ts';
import { settings } from './edge/settings.ts';
import { run } from './edge/state.ts';

const rds = new RDSClient(patience);

export const handler = defineHandler(z.object({ run }), async ({ run }) => {
  const { database } = run;
  const pruned = await pruneSnapshots({ rds, documents, database, instance: settings.DB_INSTANCE, now: new Date() });
  writeLine({ level: 'info', event: 'snapshots-pruned', run: run.id, ...pruned });
  const { remove, kept, refused } = pruned;
  return { removed: remove.length, kept: kept.length, refused: refused.length };
});
