import { type DBInstance, DescribeDBInstancesCommand } from '@aws-sdk/client-rds';
import type { OutcomeRecord } from '../../lib/runs/record.ts';
import type { TestCloud } from './cloud.ts';
import { runningRestores } from './crashed-restore.ts';

/** What is there before a restore. */
export type Standing = { serving: string; groups: string[]; isProtected: boolean };

const NAME = 'carthub-db';

export async function standing(cloud: TestCloud): Promise<Standing> {
  const serving = (await instances(cloud)).find(({ DBInstanceIdentifier }) => DBInstanceIdentifier === NAME);
  return {
    serving: serving?.DbiResourceId ?? '',
    groups: groupsOf(serving),
    isProtected: serving?.DeletionProtection ?? false,
  };
}

/**
 * What is wrong after a restore has ended, however it ended: exactly one instance serves, all the way from the application to a committed
 * write; the outcome says which one it is; nothing is lost, and nothing is left that nobody knows of.
 *
 * @param rows the ledger, which nobody has taken anything from
 */
export async function violations(
  cloud: TestCloud,
  { run, record, before, rows }: { run: string; record: OutcomeRecord; before: Standing; rows: readonly string[] },
): Promise<string[]> {
  const found: string[] = [];
  const check = (is: boolean, what: string) => {
    if (!is) found.push(what);
  };
  const all = await instances(cloud);
  const serving = all.find(({ DBInstanceIdentifier }) => DBInstanceIdentifier === NAME);
  check(serving?.DBInstanceStatus === 'available', `${NAME} is ${serving?.DBInstanceStatus ?? 'not there'}`);
  check(same(groupsOf(serving), before.groups), `the groups of ${NAME} are ${groupsOf(serving)}`);
  check(
    serving?.DeletionProtection === before.isProtected,
    `${NAME} ${serving?.DeletionProtection ? 'is' : 'is not'} protected`,
  );
  const isCopy = serving?.DbiResourceId !== before.serving;
  check((record.outcome === 'Restored') === isCopy, `${record.outcome}, and the ${isCopy ? 'copy' : 'old one'} serves`);
  check(!hasDate(serving), `${NAME}, which serves, has a date`);
  for (const other of all.filter((one) => one !== serving)) {
    const { DBInstanceIdentifier: name = '', DeletionProtection } = other;
    check(!groupsOf(other).some((group) => before.groups.includes(group)), `${name} lets clients in`);
    check(hasDate(other) || other.DBInstanceStatus === 'deleting', `${name} has no date`);
    if (other.DbiResourceId !== before.serving) continue;
    check(/^carthub-db-retired-\d{14}$/.test(name), `the old instance is called ${name}`);
    check(DeletionProtection === true, `the old instance ${name} is not protected`);
  }
  check(!isCopy || all.some(({ DbiResourceId }) => DbiResourceId === before.serving), 'the old instance is gone');
  found.push(...(await openDocuments(cloud, run, record)), ...(await ledgerFaults(cloud, rows)));
  found.push(...(await runningRestores(cloud)).map((execution) => `${execution} runs`));
  return found;
}

async function openDocuments(cloud: TestCloud, run: string, { outcome, restore }: OutcomeRecord): Promise<string[]> {
  const found: string[] = [];
  const lease = fields(await cloud.document('leases/carthub.json'));
  for (const name of ['holder', 'dirty', 'run', 'restore']) {
    if (lease[name] !== null) found.push(`the lease has ${name}: ${JSON.stringify(lease[name])}`);
  }
  if (outcome === 'Restored') {
    if (restore?.retired == null) found.push('the outcome does not name the retired instance');
    const cutover = await cloud.document(`runs/${run}/restore/cutover.json`);
    if (fields(fields(cutover).steps).retired === null) found.push('the cutover is not closed');
    return found;
  }
  const freeze = await cloud.document(`runs/${run}/restore/freeze.json`);
  if (freeze !== null && fields(freeze).thawed === null) found.push('the freeze is not thawed');
  const cutover = await cloud.document(`runs/${run}/restore/cutover.json`);
  if (cutover !== null && fields(cutover).reversed === null) found.push('the cutover is not given up');
  return found;
}

async function ledgerFaults(cloud: TestCloud, rows: readonly string[]): Promise<string[]> {
  const found = (await cloud.query<{ what: string }>('select what from ledger')).map(({ what }) => what);
  await cloud.query(`insert into written (at) values (clock_timestamp())`);
  const missing = rows.filter((row) => !found.includes(row));
  const more = found.filter((row) => !rows.includes(row));
  return [
    ...(missing.length > 0 ? [`lost: ${missing}`] : []),
    ...(more.length > 0 ? [`came back: ${more}`] : []),
    ...(found.length !== new Set(found).size ? ['rows are there twice'] : []),
  ];
}

function hasDate(instance: DBInstance | undefined): boolean {
  return instance?.TagList?.some(({ Key }) => Key === 'carthub-db:expires') ?? false;
}

async function instances(cloud: TestCloud): Promise<DBInstance[]> {
  return (await cloud.rds.send(new DescribeDBInstancesCommand({}))).DBInstances ?? [];
}

function groupsOf(instance: DBInstance | undefined): string[] {
  return (instance?.VpcSecurityGroups ?? []).map(({ VpcSecurityGroupId = '' }) => VpcSecurityGroupId).toSorted();
}

function same(one: readonly string[], other: readonly string[]): boolean {
  return one.join() === other.join();
}

function fields(document: unknown): Record<string, unknown> {
  return typeof document === 'object' && document !== null ? Object.fromEntries(Object.entries(document)) : {};
}
