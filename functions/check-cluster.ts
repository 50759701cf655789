import * as z from 'zod/mini';
import { checkCluster } from '../lib/kubernetes/check-cluster.ts';
import { kubernetes } from './edge/cluster.ts';
import { defineHandler } from './edge/handler.ts';
import { settings } from './edge/settings.ts';
import { run } from './edge/state.ts';

export const handler = defineHandler(z.object({ run }), async ({ run }) =>
  checkCluster({
    kubernetes: await kubernetes(),
    namespace: settings.NAMESPACE,
    serviceAccount: run.kind === 'backup' ? settings.BACKUP_SERVICE_ACCOUNT : settings.SERVICE_ACCOUNT,
  }),
);
