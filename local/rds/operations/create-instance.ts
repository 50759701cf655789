import { randomBytes, randomUUID } from 'node:crypto';
import type { ServiceError } from '../../service.ts';
import { type Context, keyArn } from '../context.ts';
import { DEFAULT_GROUP } from '../engine/parameters.ts';
import {
  backupTagList,
  flag,
  HARMLESS,
  type Input,
  list,
  newIdentifier,
  requiredText,
  settingsIn,
  tagList,
  takes,
  text,
} from '../input.ts';
import { type Change, type Instance, noChange, type Origin } from '../instance.ts';
import { ensureManagedSecret } from '../managed-secret.ts';
import {
  instanceAlreadyExists,
  invalidCombination,
  invalidValue,
  parameterGroupNotFound,
  quotaExceeded,
} from '../refusals.ts';
import { allowed, typedStorage, zonesOf } from '../rules.ts';
import { scramVerifier } from '../secret.ts';
import { initialSettings, type Settings, settingNames } from '../settings.ts';
import { describeInstance } from '../wire.ts';
import { settle } from '../work/settle.ts';
import type { Operation } from './operation.ts';

/** What all calls take that make an instance. `Port` is without effect: an identifier has a port of its own here. */
export const EVERYWHERE = [
  ...HARMLESS,
  ...['Port', 'Engine', 'VpcSecurityGroupIds', 'DBParameterGroupName', 'Tags', 'TagSpecifications'],
];

export const createInstance: Operation = async (context, input) => {
  takes('CreateDBInstance', input, [
    ...settingNames,
    ...EVERYWHERE,
    ...['DBInstanceIdentifier', 'EngineVersion', 'MasterUsername', 'MasterUserPassword', 'DBName'],
    ...['ManageMasterUserPassword', 'MasterUserSecretKmsKeyId'],
  ]);
  requiredText(input, 'DBInstanceClass');
  if (requiredText(input, 'Engine') !== 'postgres') {
    throw invalidValue(`Invalid DB engine: ${text(input, 'Engine')}. The local cloud has postgres.`);
  }
  const version = text(input, 'EngineVersion') ?? '15';
  if (!/^15(\.\d+)?$/.test(version)) throw invalidCombination(`Cannot find version ${version} for postgres`);
  const managed = flag(input, 'ManageMasterUserPassword') ?? false;
  if (managed && text(input, 'MasterUserPassword') !== null) throw managedAndGiven();
  const password = managed
    ? randomBytes(24).toString('base64url')
    : masterPassword(requiredText(input, 'MasterUserPassword'));
  const passed = settingsIn(input, settingNames);
  const instance = await addInstance(context, input, {
    identifier: newIdentifier(input, 'DBInstanceIdentifier', 63),
    masterUsername: masterUsername(requiredText(input, 'MasterUsername')),
    database: databaseName(text(input, 'DBName')),
    origin: { kind: 'new', masterVerifier: scramVerifier(password) },
    settings: allowed(context, typedStorage(initialSettings, passed), passed),
    due: managed ? { ...noChange(), secret: { kind: 'manage', token: randomUUID() } } : noChange(),
    zone: zonesOf(context)[0] ?? '',
  });
  return { DBInstance: describeInstance(context, instance) };
};

type NewInstance = {
  identifier: string;
  masterUsername: string;
  database: string | null;
  origin: Origin;
  settings: Settings;
  due: Change;
  /** Where it stands when the call says nothing of that. */
  zone: string;
};

/** Notes a new instance, as far as creating and restoring are the same, and begins making it. */
export async function addInstance(context: Context, input: Input, made: NewInstance): Promise<Instance> {
  const { inventory, now, quotas, network } = context;
  const { due, zone, ...rest } = made;
  const engine = text(input, 'Engine') ?? 'postgres';
  if (engine !== 'postgres') throw invalidCombination(`The engine ${engine} is not that of the source, postgres.`);
  const group = text(input, 'DBParameterGroupName') ?? DEFAULT_GROUP;
  checkParameterGroup(context, group);
  checkPort(text(input, 'Port'));
  checkNameIsFree(context, made.identifier);
  if (inventory.instances().length >= quotas.DBInstances) throw quotaExceeded('Instance', quotas.DBInstances);
  const storage = inventory.instances().reduce((sum, { settings }) => sum + settings.AllocatedStorage, 0);
  if (storage + made.settings.AllocatedStorage > quotas.AllocatedStorage) {
    throw quotaExceeded('Storage', quotas.AllocatedStorage);
  }
  const groups = securityGroups(context, input) ?? [network.defaultGroup];
  const instance: Instance = {
    ...rest,
    settings: { ...made.settings, AvailabilityZone: made.settings.AvailabilityZone ?? zone },
    resourceId: `db-${randomBytes(16).toString('hex').toUpperCase().slice(0, 26)}`,
    status: 'creating',
    createdAt: now().toISOString(),
    securityGroups: groups.map((id) => ({ id, status: 'active' })),
    parameterGroup: { name: group, inForce: group },
    tags: tagList(input),
    backupTags: backupTagList(input) ?? [],
    roles: [],
    masterSecret: null,
    hydration: null,
    due,
    waiting: noChange(),
    latestRestorableTime: null,
    deletion: null,
  };
  await inventory.save(instance);
  if (due.secret) await beginManaging(context, instance, due.secret.token, text(input, 'MasterUserSecretKmsKeyId'));
  settle(context, instance);
  return instance;
}

/** Makes the secret, whose ARN the answer to the call tells; that the password is set follows. */
export async function beginManaging(
  context: Context,
  instance: Instance,
  token: string,
  key: string | null,
): Promise<void> {
  const kmsKeyId = key ?? keyArn(context, 'secretsmanager');
  const secret = await ensureManagedSecret(context, instance, token);
  instance.masterSecret = { arn: secret.arn, status: 'creating', kmsKeyId };
  await context.inventory.save(instance);
}

export function managedAndGiven(): ServiceError {
  return invalidCombination('You can specify either MasterUserPassword or ManageMasterUserPassword, not both.');
}

/** The security groups that the call names, each of which has to be there; null where it names none. */
export function securityGroups({ network }: Context, input: Input): string[] | null {
  const ids = list(input, 'VpcSecurityGroupIds');
  const unknown = ids?.filter((id) => !network.has(id)) ?? [];
  if (unknown.length > 0) throw invalidValue(`Invalid security group , groupId= ${unknown.join(', ')}, groupName=`);
  return ids?.length ? ids : null;
}

export function checkNameIsFree({ inventory }: Context, identifier: string): void {
  const taken = inventory.instances().some((each) => [each.identifier, each.due.identifier].includes(identifier));
  if (taken) throw instanceAlreadyExists(identifier);
}

export function checkParameterGroup({ parameterGroups }: Context, name: string): void {
  if (!(name in parameterGroups)) throw parameterGroupNotFound(name);
}

function checkPort(port: string | null): void {
  const number = Number(port ?? '5432');
  if (!Number.isInteger(number) || number < 1150 || number > 65535) {
    throw invalidValue(`Invalid port: ${port}. Must be between 1150 and 65535.`);
  }
}

/** RDS's rules for PostgreSQL. */
export function masterPassword(password: string): string {
  if (!/^[\x21-\x7e]+$/.test(password) || /["/@]/.test(password)) {
    throw invalidValue(
      "The parameter MasterUserPassword is not a valid password. Only printable ASCII characters besides '/', '@', '\"', ' ' may be used.",
    );
  }
  if (password.length < 8 || password.length > 128) {
    throw invalidValue(
      'The parameter MasterUserPassword is not a valid password because it is not 8 to 128 characters long.',
    );
  }
  return password;
}

function masterUsername(name: string): string {
  if (['admin', 'public', 'none'].includes(name) || /^(rds|pg_)/.test(name)) {
    throw invalidValue(`MasterUsername ${name} cannot be used as it is a reserved word used by the engine`);
  }
  if (!/^[A-Za-z][A-Za-z0-9_]{0,62}$/.test(name)) {
    throw invalidValue(
      'The parameter MasterUsername must begin with a letter and contain only alphanumeric characters.',
    );
  }
  return name;
}

function databaseName(name: string | null): string | null {
  if (name === null) return null;
  if (!/^[A-Za-z_][A-Za-z0-9_]{0,62}$/.test(name)) {
    throw invalidValue('DBName must begin with a letter and contain only alphanumeric characters.');
  }
  if (['rdsadmin', 'template0', 'template1'].includes(name)) throw invalidValue(`DBName ${name} cannot be used.`);
  return name;
}
