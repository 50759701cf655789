import { ServiceError } from '../service.ts';

/** The errors of RDS, by what is wrong. Codes and status as on the wire: the fault's name in the API without "Fault". */

export const instanceNotFound = (identifier: string) =>
  new ServiceError('DBInstanceNotFound', `DBInstance ${identifier} not found.`, 404);

export const instanceAlreadyExists = (identifier: string) =>
  new ServiceError('DBInstanceAlreadyExists', `DB instance already exists: ${identifier}`);

export const invalidInstanceState = (identifier: string, status: string) =>
  new ServiceError(
    'InvalidDBInstanceState',
    `Instance ${identifier} is not currently in the available state: it is ${status}.`,
  );

export const snapshotNotFound = (identifier: string) =>
  new ServiceError('DBSnapshotNotFound', `DBSnapshot ${identifier} not found.`, 404);

export const snapshotAlreadyExists = (identifier: string) =>
  new ServiceError(
    'DBSnapshotAlreadyExists',
    `Cannot create the snapshot because a snapshot with the identifier ${identifier} already exists.`,
  );

export const invalidSnapshotState = (identifier: string, why: string) =>
  new ServiceError('InvalidDBSnapshotState', `The snapshot ${identifier} ${why}.`);

export const automatedBackupNotFound = (what: string) =>
  new ServiceError('DBInstanceAutomatedBackupNotFound', `No automated backup of ${what} was found.`, 404);

export const pointInTimeRestoreNotEnabled = (identifier: string) =>
  new ServiceError(
    'PointInTimeRestoreNotEnabled',
    `Point in time restore is not enabled for ${identifier}: its backup retention period is 0.`,
  );

export const parameterGroupNotFound = (name: string) =>
  new ServiceError('DBParameterGroupNotFound', `DBParameterGroup not found: ${name}`, 404);

export const quotaExceeded = (of: 'Instance' | 'Snapshot', max: number) =>
  new ServiceError(`${of}QuotaExceeded`, `The account has its ${max} ${of.toLowerCase()}s.`);

export const missingParameter = (name: string) =>
  new ServiceError('MissingParameter', `The request must contain the parameter ${name}.`);

export const invalidValue = (message: string) => new ServiceError('InvalidParameterValue', message);

export const invalidCombination = (message: string) => new ServiceError('InvalidParameterCombination', message);
