import { ServiceError } from '../service.ts';

/** The errors of RDS, by what is wrong. Codes and status as on the wire: the fault's name in the API without "Fault". */

export const instanceNotFound = (identifier: string) =>
  new ServiceError('DBInstanceNotFound', `DBInstance ${identifier} not found.`, 404);

export const instanceAlreadyExists = (identifier: string) =>
  new ServiceError('DBInstanceAlreadyExists', `DB instance already exists: ${identifier}`);

export const invalidInstanceState = (message: string) => new ServiceError('InvalidDBInstanceState', message);

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

export const quotaExceeded = (of: 'Instance' | 'Snapshot' | 'Storage', max: number) => {
  const what = { Instance: 'DB Instance quota', Snapshot: 'Manual snapshot quota', Storage: 'Allocated storage quota' };
  return new ServiceError(`${of}QuotaExceeded`, `${what[of]} exceeded: ${max}`);
};

export const optionGroupNotFound = (name: string) =>
  new ServiceError('OptionGroupNotFoundFault', `Specified OptionGroupName: ${name} not found.`, 404);

export const subnetGroupNotFound = (name: string) =>
  new ServiceError('DBSubnetGroupNotFoundFault', `DB subnet group '${name}' does not exist.`, 404);

export const certificateNotFound = (name: string) =>
  new ServiceError('CertificateNotFound', `Certificate not found: ${name}`, 404);

export const networkTypeNotSupported = (group: string, type: string) =>
  new ServiceError(
    'NetworkTypeNotSupported',
    `The DB subnet group ${group} does not support the network type ${type}.`,
  );

export const roleAlreadyExists = (identifier: string, feature: string) =>
  new ServiceError('DBInstanceRoleAlreadyExists', `${identifier} has a role for the feature ${feature} already.`);

export const roleNotFound = (identifier: string, role: string) =>
  new ServiceError('DBInstanceRoleNotFound', `The role ${role} is not associated with ${identifier}.`, 404);

export const roleQuotaExceeded = (identifier: string, max: number) =>
  new ServiceError('DBInstanceRoleQuotaExceeded', `${identifier} has its ${max} roles.`);

export const missingParameter = (name: string) =>
  new ServiceError('MissingParameter', `The request must contain the parameter ${name}.`);

export const invalidValue = (message: string) => new ServiceError('InvalidParameterValue', message);

export const invalidCombination = (message: string) => new ServiceError('InvalidParameterCombination', message);
