import * as z from 'zod/mini';
import { checkCluster } from '../lib/kubernetes/check-cluster.ts';
import { kubernetes } from './edge/cluster.ts';
import { defineHandler } from './edge/handler.ts';
import { settings } from './edge/settings.ts';
import { run } from './edge/state.ts';

export const handler = defineHandler(z.object({ run }), async () =>
  checkCluster({
    kubernetes: await kubernetes(),
    namespace: settings.NAMESPACE,
    serviceAccount: settings.SERVICE_ACCOUNT,
  }),
);
