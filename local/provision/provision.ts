import { join } from 'node:path';
import { ACCOUNT, DATABASE, namesOf, REGION } from '../account.ts';
import type { CloudOptions } from '../cloud.ts';
import { LocalCloudStartError } from '../errors.ts';
import type { Parts } from '../parts.ts';
import { readStack, type Stack } from '../stack/deploy.ts';
import type { Step } from '../steps.ts';
import { together } from '../together.ts';
import { ensureBucket } from './bucket.ts';
import { instanceInput } from './instance.ts';
import { readManifests } from './manifests.ts';
import { ensureSecret, putAddress } from './secret.ts';

/**
 * Makes what a stack for the database works on, where it is missing: secret, instance, cluster with its manifests, the stack
 * itself and its bucket. What is there stays as it is.
 */
export async function provision(parts: Parts, { root, data, params }: CloudOptions, step: Step): Promise<Stack> {
  const { s3, secrets, rds, kubernetes, network } = parts;
  const names = namesOf(DATABASE);
  const secret = await ensureSecret(secrets, { name: names.secret, username: 'carthub', dbname: DATABASE });
  const { stack, bundle } = readStack({
    root,
    folder: join(data, 'functions'),
    database: DATABASE,
    region: REGION,
    account: ACCOUNT,
    params: { instance: names.instance, secretArn: secret.arn, clusterName: names.cluster, ...params },
  });
  network.deploy(stack.network);
  const input = instanceInput(names.instance, secret.master, stack.network);
  await together(
    step('stack deployed', bundle),
    step('Kubernetes ready', async () => {
      await kubernetes.start();
      kubernetes.apply(await readManifests(join(root, 'k8s')));
    }),
    step('PostgreSQL ready', async () => {
      await rds.start();
      const address = await rds.ensureInstance(input).catch((cause: unknown) => {
        throw new LocalCloudStartError(
          `PostgreSQL did not come up: ${cause instanceof Error ? cause.message : cause}`,
          {
            remedy: `Read the lines above. Where nothing in ${data} is worth keeping, start anew: npx carthub-db local reset --data ${data}`,
            cause,
          },
        );
      });
      if (address !== null) await putAddress(secrets, names.secret, address);
    }),
  );
  for (const { name } of stack.buckets) await ensureBucket(s3, name);
  return stack;
}
