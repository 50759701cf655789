import { openNetwork } from '../network/network.ts';
import { notImplemented, type Service, ServiceError } from '../service.ts';
import type { Context, RdsOptions } from './context.ts';
import { makeInstallation } from './engine/installation.ts';
import { DEFAULT_GROUP } from './engine/parameters.ts';
import { createHosts } from './hosts.ts';
import { type Input, requiredText } from './input.ts';
import type { Instance } from './instance.ts';
import { openInventory } from './inventory.ts';
import { createInstance } from './operations/create-instance.ts';
import { createSnapshot } from './operations/create-snapshot.ts';
import { deleteInstance } from './operations/delete-instance.ts';
import { deleteSnapshot } from './operations/delete-snapshot.ts';
import { describeAutomatedBackups } from './operations/describe-automated-backups.ts';
import { describeInstances } from './operations/describe-instances.ts';
import { describeEventSubscriptions, describeProxies } from './operations/describe-none.ts';
import { describeParameterGroups } from './operations/describe-parameter-groups.ts';
import { describeParameters } from './operations/describe-parameters.ts';
import { describeQuotas } from './operations/describe-quotas.ts';
import { describeSnapshots } from './operations/describe-snapshots.ts';
import { modifyInstance } from './operations/modify-instance.ts';
import type { Operation } from './operations/operation.ts';
import { rebootInstance } from './operations/reboot-instance.ts';
import { restoreFromSnapshot, restoreToPointInTime } from './operations/restore-instance.ts';
import { addRole, removeRole } from './operations/roles.ts';
import { addTags, listTags, removeTags } from './operations/tags.ts';
import { SECONDS } from './pace.ts';
import { rdsadminPassword } from './secret.ts';
import { settle } from './work/settle.ts';
import { createWorks } from './works.ts';

export type { RdsOptions } from './context.ts';

/** The RDS of the local cloud, with real PostgreSQL 15. */
export type Rds = {
  service: Service;
  /**
   * Takes up what is in the folder, whatever the last process was killed in the middle of. Resolves when the instances that
   * were available are so again; what was half done goes on.
   */
  start(): Promise<void>;
  /** Interrupts what goes on, to be gone on with at the next start, and stops all servers cleanly. */
  stop(): Promise<void>;
  /**
   * Makes the instance of this CreateDBInstance input where there is none at all, and resolves when the one of its name is settled. Null when
   * others are there and none has the name: between the two renames of a cutover nobody has it, and who took it would be in the way.
   *
   * @throws Error when it failed, with the place of its log
   */
  ensureInstance(input: Input): Promise<{ resourceId: string; host: string; port: number } | null>;
};

const OPERATIONS: Record<string, Operation> = {
  AddRoleToDBInstance: addRole,
  AddTagsToResource: addTags,
  CreateDBInstance: createInstance,
  CreateDBSnapshot: createSnapshot,
  DeleteDBInstance: deleteInstance,
  DeleteDBSnapshot: deleteSnapshot,
  DescribeAccountAttributes: describeQuotas,
  DescribeDBInstanceAutomatedBackups: describeAutomatedBackups,
  DescribeDBInstances: describeInstances,
  DescribeDBParameterGroups: describeParameterGroups,
  DescribeDBParameters: describeParameters,
  DescribeDBProxies: describeProxies,
  DescribeDBSnapshots: describeSnapshots,
  DescribeEventSubscriptions: describeEventSubscriptions,
  ListTagsForResource: listTags,
  ModifyDBInstance: modifyInstance,
  RebootDBInstance: rebootInstance,
  RemoveRoleFromDBInstance: removeRole,
  RemoveTagsFromResource: removeTags,
  RestoreDBInstanceFromDBSnapshot: restoreFromSnapshot,
  RestoreDBInstanceToPointInTime: restoreToPointInTime,
};

/** Reads what is in the folder; nothing runs before `start`. The orphans of an earlier process have to be ended by then. */
export async function createRds(options: RdsOptions): Promise<Rds> {
  const inventory = await openInventory(options.folder);
  const say = options.say ?? (() => undefined);
  const context: Context = {
    region: 'eu-west-1',
    account: '000000000000',
    network: openNetwork,
    secrets: null,
    pace: { ...SECONDS },
    say,
    ...options,
    parameterGroups: { [DEFAULT_GROUP]: {}, ...options.parameterGroups },
    optionGroups: ['default:postgres-15', ...(options.optionGroups ?? [])],
    subnetGroups: ['default', ...(options.subnetGroups ?? [])],
    quotas: { DBInstances: 40, ManualSnapshots: 100, AllocatedStorage: 100_000, ...options.quotas },
    installation: await makeInstallation(inventory.paths.engine),
    secret: await rdsadminPassword(inventory.paths.secret),
    inventory,
    hosts: createHosts(
      () => context,
      (instance) => restart(context, instance),
    ),
    works: createWorks((instance, error) => say(`rds: ${instance}: ${String(error)}`)),
  };
  return {
    service: {
      name: 'rds',
      protocol: 'query',
      async call({ operation, input }) {
        const run = OPERATIONS[operation ?? ''];
        if (!run) throw notImplemented('rds', operation ?? 'a call without Action');
        return { body: await run(context, input) };
      },
    },
    start: () => resume(context),
    async stop() {
      await context.works.stop();
      await context.hosts.stopAll();
    },
    async ensureInstance(input) {
      const identifier = requiredText(input, 'DBInstanceIdentifier').toLowerCase();
      if (inventory.instances().length === 0) await createInstance(context, input);
      else if (!inventory.find(identifier)) return null;
      const instance = inventory.find(identifier);
      if (instance) await context.works.idle(instance.resourceId);
      const port = instance && context.hosts.port(instance);
      if (instance && port) return { resourceId: instance.resourceId, host: '127.0.0.1', port };
      const log = instance ? inventory.paths.log(instance.resourceId) : options.folder;
      throw new ServiceError('InvalidDBInstanceState', `${identifier} is ${instance?.status ?? 'gone'}; see ${log}.`);
    },
  };
}

async function resume(context: Context): Promise<void> {
  const { inventory, works } = context;
  const half = inventory.snapshots().filter(({ status }) => status === 'creating' || status === 'deleting');
  for (const snapshot of half) await inventory.removeSnapshot(snapshot);
  const instances = inventory.instances();
  // It failed on this machine as it was then: a disk may be empty again, a file readable.
  for (const instance of instances) {
    if (instance.failedIn) instance.status = instance.failedIn === 'available' ? 'rebooting' : instance.failedIn;
    delete instance.failedIn;
  }
  const awaited = instances.filter(({ status }) => status === 'available');
  for (const instance of awaited) instance.status = 'rebooting';
  for (const instance of instances) settle(context, instance);
  await Promise.all(awaited.map(({ resourceId }) => works.idle(resourceId)));
}

/** A server that ended by itself comes back, as RDS restarts it. */
function restart(context: Context, instance: Instance): void {
  context.say(`rds: the server of ${instance.identifier} ended by itself and is started again`);
  if (instance.status === 'available') instance.status = 'rebooting';
  settle(context, instance);
}
