import {
  paginateDescribeDBProxies,
  paginateDescribeDBProxyTargets,
  paginateDescribeEventSubscriptions,
  type RDSClient,
} from '@aws-sdk/client-rds';
import { isTransient } from '../aws/transient.ts';
import type { RestorePlan } from './plan.ts';
import type { CapturedInstance } from './settings/instance.ts';

/** What somebody was asked for, or why there is no answer: not to know it must not stop a restore. */
export type Asked = { found: string[]; unknown: string | null };

/** What hangs on an instance and is not part of it. */
export type Followers = { proxies: Asked; subscriptions: Asked; database: Asked };

const NOTHING: Asked = { found: [], unknown: null };
export const NOBODY_ASKED: Followers = { proxies: NOTHING, subscriptions: NOTHING, database: NOTHING };

/** @param askDatabase what the database says that writes by itself or hangs on its log */
export async function askFollowers(
  rds: RDSClient,
  identifier: string,
  askDatabase: () => Promise<string[]>,
): Promise<Followers> {
  const [proxies, subscriptions, database] = await Promise.all([
    ask(() => proxiesOf(rds, identifier)),
    ask(() => subscriptionsTo(rds, identifier)),
    ask(askDatabase, true),
  ]);
  return { proxies, subscriptions, database };
}

async function ask(question: () => Promise<string[]>, mayBeAway = false): Promise<Asked> {
  try {
    return { found: (await question()).toSorted(), unknown: null };
  } catch (error) {
    // What passes by itself is asked again: a plan must not differ from the next for that.
    if (!(error instanceof Error) || (isTransient(error) && !mayBeAway)) throw error;
    return { found: [], unknown: error.name };
  }
}

async function proxiesOf(rds: RDSClient, identifier: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { DBProxies = [] } of paginateDescribeDBProxies({ client: rds }, {})) {
    for (const { DBProxyName = '' } of DBProxies) {
      const pages = paginateDescribeDBProxyTargets({ client: rds }, { DBProxyName });
      for await (const { Targets = [] } of pages) {
        if (Targets.some(({ RdsResourceId }) => RdsResourceId === identifier)) found.push(DBProxyName);
      }
    }
  }
  return found;
}

async function subscriptionsTo(rds: RDSClient, identifier: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { EventSubscriptionsList = [] } of paginateDescribeEventSubscriptions({ client: rds }, {})) {
    const ours = EventSubscriptionsList.filter(({ SourceIdsList = [] }) => SourceIdsList.includes(identifier));
    found.push(...ours.flatMap(({ CustSubscriptionId }) => CustSubscriptionId ?? []));
  }
  return found;
}

type Following = RestorePlan['follows'][number];

/**
 * What hangs on the old instance, and what becomes of it. A cutover exchanges names, so what goes by the name follows by itself, and
 * what goes by the resource id has to be told.
 *
 * @param isAutomatic nobody has seen this list: what would write on by itself is then refused
 */
export function followsOf(serving: CapturedInstance, followers: Followers, isAutomatic: boolean): Following[] {
  const { DbiResourceId: id, DBInstanceIdentifier: name } = serving;
  const list = (what: string, detail: string): Following => ({ what, how: 'listed', detail });
  const replicas = [
    ...(serving.ReadReplicaDBInstanceIdentifiers ?? []),
    ...(serving.ReadReplicaDBClusterIdentifiers ?? []),
  ];
  const replications = serving.DBInstanceAutomatedBackupsReplications ?? [];
  return [
    { what: `the address of ${name}`, how: 'handled', detail: 'It goes to the copy with the name, within minutes.' },
    ...(serving.IAMDatabaseAuthenticationEnabled ? [list('IAM policies', iamPolicies(serving))] : []),
    // It leads to the old instance, which is closed then: nobody would be there to lead it to the copy.
    ...followers.proxies.found.map(
      (proxy): Following => ({
        what: `RDS Proxy ${proxy}`,
        how: isAutomatic ? 'refused' : 'listed',
        detail: `Register the instance again: aws rds register-db-proxy-targets --db-proxy-name ${proxy} --db-instance-identifiers ${name}`,
      }),
    ),
    ...unknown('RDS proxies', followers.proxies, 'aws rds describe-db-proxy-targets'),
    ...replicas.map((replica) =>
      list(
        `read replica ${replica}`,
        'It goes on following the old instance. Make another one of the copy, and delete it.',
      ),
    ),
    ...replications.map(({ DBInstanceAutomatedBackupsArn: arn }) =>
      list(
        `replicated backups ${arn}`,
        'Start them for the copy: aws rds start-db-instance-automated-backups-replication',
      ),
    ),
    ...(serving.MasterUserSecret
      ? [
          list(
            'managed master password',
            `The copy gets a secret of its own; ${serving.MasterUserSecret.SecretArn} stays the old instance’s. Point its readers to the new one.`,
          ),
        ]
      : []),
    ...(serving.ActivityStreamStatus && serving.ActivityStreamStatus !== 'stopped'
      ? [list('activity stream', 'Start it for the copy: aws rds start-activity-stream')]
      : []),
    ...(serving.AwsBackupRecoveryPointArn ? [list('AWS Backup', 'Assign the copy to its backup plan.')] : []),
    ...followers.subscriptions.found.map(
      (each): Following => ({
        ...{ what: `event subscription ${each}`, how: 'handled', detail: 'It goes by the name.' },
      }),
    ),
    ...unknown('event subscriptions', followers.subscriptions, 'aws rds describe-event-subscriptions'),
    ...followers.database.found.map((what) => byItself(what, isAutomatic)),
    ...unknown(
      'what the database runs by itself',
      followers.database,
      'select * from pg_replication_slots, pg_subscription',
    ),
    list('history', `Metrics of Performance Insights, the old automated backups and snapshots stay with ${id}.`),
  ];
}

function unknown(what: string, { unknown: reason }: Asked, command: string): Following[] {
  if (reason === null) return [];
  return [{ what, how: 'listed', detail: `Not known (${reason}). Look yourself: ${command}` }];
}

function iamPolicies({ DbiResourceId, DBInstanceArn }: CapturedInstance): string {
  const [, partition, , region, account] = DBInstanceArn.split(':');
  const users = `arn:${partition}:rds-db:${region}:${account}:dbuser:${DbiResourceId}/*`;
  return `Those that allow rds-db:connect to ${users} have to name the resource id of the copy too, which is known when it stands.`;
}

/** A slot is not in a copy, and another database goes back with ours; all else would go on there by itself, beside the old instance. */
function byItself(what: string, isAutomatic: boolean): Following {
  if (what.startsWith('replication slot')) {
    return {
      what,
      how: 'listed',
      detail: 'It is not in the copy. Make it anew, and its reader starts from the beginning.',
    };
  }
  if (what.startsWith('database ')) {
    const detail = 'It goes back with the instance, and nobody looks for what was written there: that is lost.';
    return { what, how: 'listed', detail };
  }
  const detail =
    'It writes without a connection from outside, in the old instance and in the copy: no freeze stops it.';
  return { what, how: isAutomatic ? 'refused' : 'listed', detail };
}
