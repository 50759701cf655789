import { randomBytes } from 'node:crypto';
import type { Context } from '../context.ts';
import { DEFAULT_GROUP } from '../engine/parameters.ts';
import { type Input, list, newIdentifier, requiredText, settingsIn, tagList, takes, text } from '../input.ts';
import { type Instance, noChange, type Origin } from '../instance.ts';
import {
  instanceAlreadyExists,
  invalidCombination,
  invalidValue,
  parameterGroupNotFound,
  quotaExceeded,
} from '../refusals.ts';
import { scramVerifier } from '../secret.ts';
import { changed, initialSettings, type Settings, settingNames } from '../settings.ts';
import { describeInstance } from '../wire.ts';
import { settle } from '../work/settle.ts';
import type { Operation } from './operation.ts';

const DEFAULT_SECURITY_GROUP = 'sg-default';

/** Accepted everywhere and without effect: the address of an instance is a port of its own on the loopback interface. */
export const PORT = ['Port', 'LicenseModel'];
export const PLACEMENT = ['VpcSecurityGroupIds', 'DBParameterGroupName', 'Tags'];

export const createInstance: Operation = async (context, input) => {
  takes('CreateDBInstance', input, [
    ...settingNames,
    ...PORT,
    ...PLACEMENT,
    ...['DBInstanceIdentifier', 'Engine', 'EngineVersion', 'MasterUsername', 'MasterUserPassword', 'DBName'],
  ]);
  requiredText(input, 'DBInstanceClass');
  if (requiredText(input, 'Engine') !== 'postgres') {
    throw invalidValue(`Invalid DB engine: ${text(input, 'Engine')}. The local cloud has postgres.`);
  }
  const version = text(input, 'EngineVersion') ?? '15';
  if (!/^15(\.\d+)?$/.test(version)) throw invalidCombination(`Cannot find version ${version} for postgres`);
  const password = masterPassword(requiredText(input, 'MasterUserPassword'));
  const instance = await addInstance(context, input, {
    identifier: newIdentifier(input, 'DBInstanceIdentifier', 63),
    masterUsername: masterUsername(requiredText(input, 'MasterUsername')),
    database: databaseName(text(input, 'DBName')),
    origin: { kind: 'new', masterVerifier: scramVerifier(password) },
    settings: changed(initialSettings, settingsIn(input, settingNames)),
  });
  return { DBInstance: describeInstance(context, instance) };
};

/** Notes a new instance, as far as creating and restoring are the same, and begins making it. */
export async function addInstance(
  context: Context,
  input: Input,
  made: { identifier: string; masterUsername: string; database: string | null; origin: Origin; settings: Settings },
): Promise<Instance> {
  const { inventory, now, quotas } = context;
  const group = text(input, 'DBParameterGroupName') ?? DEFAULT_GROUP;
  checkParameterGroup(context, group);
  checkPort(text(input, 'Port'));
  checkNameIsFree(context, made.identifier);
  if (inventory.instances().length >= quotas.DBInstances) throw quotaExceeded('Instance', quotas.DBInstances);
  const groups = list(input, 'VpcSecurityGroupIds');
  const instance: Instance = {
    ...made,
    resourceId: `db-${randomBytes(16).toString('hex').toUpperCase().slice(0, 26)}`,
    status: 'creating',
    createdAt: now().toISOString(),
    securityGroups: (groups?.length ? groups : [DEFAULT_SECURITY_GROUP]).map((id) => ({ id, status: 'active' })),
    parameterGroup: { name: group, inForce: group },
    tags: tagList(input),
    due: noChange(),
    waiting: noChange(),
    latestRestorableTime: null,
    deletion: null,
  };
  await inventory.save(instance);
  settle(context, instance);
  return instance;
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
