import { RDSClient } from '@aws-sdk/client-rds';
import * as z from 'zod/mini';
import { patience } from '../lib/aws/patience.ts';
import { prepareRestore } from '../lib/restore/prepare.ts';
import { readResidents } from '../lib/restore/read-residents.ts';
import { withDatabase } from './edge/database.ts';
import { documents } from './edge/documents.ts';
import { defineHandler } from './edge/handler.ts';
import { settings } from './edge/settings.ts';
import { lease, run } from './edge/state.ts';

const rds = new RDSClient(patience);

export const handler = defineHandler(z.object({ run, lease }), ({ run }) =>
  prepareRestore({
    ...{ rds, documents, run, identifier: settings.DB_INSTANCE, now: new Date() },
    opsGroup: settings.OPS_SECURITY_GROUP,
    askDatabase: () => withDatabase(readResidents),
  }),
);
