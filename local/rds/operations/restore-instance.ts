import type { Context } from '../context.ts';
import { flag, type Input, newIdentifier, requiredText, settingsIn, takes, text } from '../input.ts';
import { type Change, type Instance, noChange } from '../instance.ts';
import {
  automatedBackupNotFound,
  invalidCombination,
  invalidInstanceState,
  invalidSnapshotState,
  invalidValue,
  missingParameter,
  pointInTimeRestoreNotEnabled,
} from '../refusals.ts';
import { allowed, typedStorage, zonesOf } from '../rules.ts';
import { restoredSettings, type Settings, settingsAtRestore } from '../settings.ts';
import { automatedBackupArn, describeInstance, restoreWindow } from '../wire.ts';
import { addInstance, EVERYWHERE } from './create-instance.ts';
import { instanceNamed } from './describe-instances.ts';
import { snapshotNamed } from './describe-snapshots.ts';
import type { Operation } from './operation.ts';

/** A managed master password can be had for PostgreSQL by a ModifyDBInstance afterwards only. */
const ORACLE_ONLY = ['ManageMasterUserPassword', 'MasterUserSecretKmsKeyId'];
const SOURCES = ['SourceDBInstanceIdentifier', 'SourceDbiResourceId', 'SourceDBInstanceAutomatedBackupsArn'];

export const restoreToPointInTime: Operation = async (context, input) => {
  takes('RestoreDBInstanceToPointInTime', input, [
    ...SOURCES,
    ...['TargetDBInstanceIdentifier', 'RestoreTime', 'UseLatestRestorableTime'],
    ...settingsAtRestore,
    ...ORACLE_ONLY,
    ...EVERYWHERE,
  ]);
  const source = sourceOf(context, input);
  const identifier = newIdentifier(input, 'TargetDBInstanceIdentifier', 63);
  if (source.settings.BackupRetentionPeriod === 0) throw pointInTimeRestoreNotEnabled(source.identifier);
  const at = restoreTime(context, input, source);
  const instance = await addInstance(context, input, {
    identifier,
    masterUsername: source.masterUsername,
    database: source.database,
    origin: { kind: 'time', source: source.resourceId, at },
    ...inheritance(context, input, source.settings),
  });
  return { DBInstance: describeInstance(context, instance) };
};

export const restoreFromSnapshot: Operation = async (context, input) => {
  takes('RestoreDBInstanceFromDBSnapshot', input, [
    ...['DBInstanceIdentifier', 'DBSnapshotIdentifier'],
    ...settingsAtRestore.filter((name) => name !== 'MaxAllocatedStorage'),
    ...ORACLE_ONLY,
    ...EVERYWHERE,
  ]);
  const identifier = newIdentifier(input, 'DBInstanceIdentifier', 63);
  const snapshot = snapshotNamed(context, requiredText(input, 'DBSnapshotIdentifier'));
  if (snapshot.status !== 'available') throw invalidSnapshotState(snapshot.identifier, `is ${snapshot.status}`);
  const { masterUsername, database, settings } = snapshot.instance;
  const instance = await addInstance(context, input, {
    identifier,
    masterUsername,
    database,
    origin: { kind: 'snapshot', snapshot: snapshot.identifier },
    ...inheritance(context, input, settings),
  });
  return { DBInstance: describeInstance(context, instance) };
};

/** What of a call and its source makes the settings of the restored instance. */
function inheritance(
  context: Context,
  input: Input,
  source: Settings,
): { settings: Settings; due: Change; zone: string } {
  if (ORACLE_ONLY.some((name) => input[name] !== undefined)) {
    throw invalidCombination(
      `${ORACLE_ONLY.join(' and ')} are not valid for the restore of an instance of engine postgres.`,
    );
  }
  const passed = settingsIn(input, settingsAtRestore);
  const settings = allowed(context, typedStorage(restoredSettings(source), passed), passed);
  if (settings.AllocatedStorage < source.AllocatedStorage) {
    throw invalidCombination(
      `The allocated storage of ${settings.AllocatedStorage} GiB is less than the ${source.AllocatedStorage} GiB of the source.`,
    );
  }
  const zone = zonesOf(context).find((each) => each !== source.AvailabilityZone) ?? '';
  return { settings, due: noChange(), zone };
}

/** A running instance by its name, or what is left of a deleted one by its resource id or the ARN of its backups. */
function sourceOf(context: Context, input: Input): Instance {
  const [name, resource, backups] = SOURCES.map((parameter) => text(input, parameter));
  const given = [name, resource, backups].filter((each) => each !== null && each !== undefined);
  if (given.length === 0) throw missingParameter('SourceDBInstanceIdentifier');
  if (given.length > 1) throw invalidCombination(`Only one of ${SOURCES.join(', ')} can be specified.`);
  const source = name
    ? instanceNamed(context, name)
    : context.inventory
        .resources()
        .find((each) => (resource ? each.resourceId === resource : automatedBackupArn(context, each) === backups));
  if (!source) throw automatedBackupNotFound(given.join());
  if (source.status === 'creating') {
    throw invalidInstanceState(`Instance ${source.identifier} cannot be restored from: it is ${source.status}.`);
  }
  return source;
}

/** To the second, as RDS restores. */
function restoreTime(context: Context, input: Input, source: Instance): string {
  const latest = flag(input, 'UseLatestRestorableTime') ?? false;
  const asked = text(input, 'RestoreTime');
  if (latest && asked !== null) {
    throw invalidCombination('RestoreTime cannot be specified when UseLatestRestorableTime is true.');
  }
  if (!latest && asked === null) {
    throw invalidCombination('Either RestoreTime or UseLatestRestorableTime must be specified.');
  }
  const window = restoreWindow(context, source);
  if (!window) {
    throw invalidValue(`${source.identifier} has no restorable time yet: its first automated backup is not complete.`);
  }
  if (asked === null) return window.latest;
  const milliseconds = Date.parse(asked);
  if (Number.isNaN(milliseconds)) throw invalidValue(`Invalid RestoreTime: ${asked}.`);
  const time = new Date(Math.floor(milliseconds / 1000) * 1000).toISOString();
  if (time >= window.latest) {
    throw invalidValue(
      `The specified instance cannot be restored to a time later than ${window.latest}: ${time} is not before it.`,
    );
  }
  if (time < window.earliest) {
    throw invalidValue(
      `The specified instance cannot be restored to a time earlier than ${window.earliest}: ${time} is before it.`,
    );
  }
  return time;
}
