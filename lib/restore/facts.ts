import { DescribeAccountAttributesCommand, DescribeDBSnapshotsCommand, type RDSClient } from '@aws-sdk/client-rds';
import { type Documents, readDocument } from '../documents/documents.ts';
import { RUN_TAG } from '../rds/snapshot.ts';
import { keys } from '../runs/keys.ts';
import { type Plan, plan } from '../runs/plan.ts';
import { type RestorePoint, restorePoint } from '../runs/restore-point.ts';
import type { Run } from '../runs/run.ts';
import { type AutomatedBackup, readAutomatedBackup } from './automated-backups.ts';
import { findPlan } from './documents.ts';
import { askFollowers, type Followers } from './followers.ts';
import { completed, readLineage, type Served } from './lineage.ts';
import { optionsOf } from './options.ts';
import type { RestoreOptions } from './order.ts';
import type { RestorePlan } from './plan.ts';
import { describeInstances } from './settings/describe.ts';
import { type CapturedInstance, tagOf } from './settings/instance.ts';

/** What of a snapshot decides whether it can be restored. */
export type KnownSnapshot = {
  identifier: string;
  resourceId: string;
  status: string;
  /** The moment that it shows; null while it is being taken. */
  time: string | null;
  /** The run that made it. */
  run: string | null;
};

/** All that a plan is made of. */
export type Facts = {
  run: Pick<Run, 'id' | 'kind' | 'database' | 'onFailure'>;
  options: RestoreOptions;
  now: Date;
  /** The name under which the application reaches the database. */
  identifier: string;
  serving: CapturedInstance | null;
  /** The group that lets in nobody but the functions; null where whoever plans does not know it. */
  opsGroup: string | null;
  /** Every instance of the account and region. */
  instances: CapturedInstance[];
  /** Which instances served the database, this one last. */
  line: Served[];
  backups: AutomatedBackup[];
  /** Of the run to go back before; null when it made none, or the order is another. */
  restorePoint: RestorePoint | null;
  before: Plan | null;
  snapshot: KnownSnapshot | null;
  /** The plan of the restore that is taken up again. */
  resumed: RestorePlan | null;
  quotas: { name: string; used: number; max: number }[];
  followers: Followers;
};

/** Reads whatever a plan depends on, and changes nothing. */
export async function readFacts(options: {
  rds: RDSClient;
  documents: Documents;
  run: Facts['run'] & Pick<Run, 'restore'>;
  identifier: string;
  /** What the database itself says of what hangs on it; it may not answer. */
  askDatabase: () => Promise<string[]>;
  opsGroup?: string;
  now: Date;
}): Promise<Facts> {
  const { rds, documents, run, identifier, now } = options;
  const wanted = optionsOf(run);
  const resumed = wanted.resume === null ? null : await findPlan(documents, wanted.resume);
  const order = resumed?.order ?? wanted.order;
  const [instances, known, quotas] = await Promise.all([
    describeInstances(rds, null),
    readLineage(documents, run.database),
    readQuotas(rds),
  ]);
  const serving = instances.find((each) => each.DBInstanceIdentifier === identifier) ?? null;
  const line = serving ? completed(known, asServed(serving)) : known;
  const backups = await Promise.all(line.map(({ resourceId }) => readAutomatedBackup(rds, resourceId)));
  const ofRun = order.to === 'run' ? order.run : null;
  const point = ofRun === null ? null : await readDocument(documents, keys.restorePoint(ofRun), restorePoint);
  const before = ofRun === null ? null : await readDocument(documents, keys.plan(ofRun), plan);
  return {
    ...{ run, now, identifier, serving, instances, line, resumed, quotas },
    opsGroup: options.opsGroup ?? null,
    options: { ...wanted, order },
    backups: backups.filter((each) => each !== null),
    restorePoint: point?.value ?? null,
    before: before?.value ?? null,
    snapshot: order.to === 'snapshot' ? await readSnapshot(rds, order.snapshot) : null,
    followers: await askFollowers(rds, identifier, options.askDatabase),
  };
}

function asServed(serving: CapturedInstance): Pick<Served, 'resourceId' | 'identifier' | 'from'> {
  const { DbiResourceId: resourceId, DBInstanceIdentifier: identifier, InstanceCreateTime } = serving;
  return { resourceId, identifier, from: InstanceCreateTime ?? new Date(0).toISOString() };
}

async function readSnapshot(rds: RDSClient, name: string): Promise<KnownSnapshot | null> {
  try {
    const command = new DescribeDBSnapshotsCommand({ DBSnapshotIdentifier: name });
    const { DBSnapshots: [found] = [] } = await rds.send(command);
    if (!found) return null;
    const tags = (found.TagList ?? []).map(({ Key, Value }) => ({ Key, Value }));
    return {
      identifier: found.DBSnapshotIdentifier ?? name,
      resourceId: found.DbiResourceId ?? '',
      status: found.Status ?? 'unknown',
      time: (found.SnapshotDatabaseTime ?? found.SnapshotCreateTime)?.toISOString() ?? null,
      run: tagOf({ TagList: tags }, RUN_TAG),
    };
  } catch (error) {
    if (error instanceof Error && error.name.startsWith('DBSnapshotNotFound')) return null;
    throw error;
  }
}

async function readQuotas(rds: RDSClient): Promise<Facts['quotas']> {
  const { AccountQuotas = [] } = await rds.send(new DescribeAccountAttributesCommand({}));
  return AccountQuotas.flatMap(({ AccountQuotaName: name, Used: used, Max: max }) =>
    name === undefined || used === undefined || max === undefined ? [] : [{ name, used, max }],
  );
}
