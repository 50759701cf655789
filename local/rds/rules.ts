import type { Context } from './context.ts';
import {
  certificateNotFound,
  invalidCombination,
  invalidValue,
  networkTypeNotSupported,
  optionGroupNotFound,
  subnetGroupNotFound,
} from './refusals.ts';
import { changed, type Settings, type SomeSettings } from './settings.ts';

/** From this size on, in GiB, gp3 is striped, and its performance may be chosen. */
export const STRIPED = 400;
const ADVANCED_DAYS = 465;
const AUTHORITIES = ['rds-ca-rsa2048-g1', 'rds-ca-rsa4096-g1', 'rds-ca-ecc384-g1'];
const LOGS = ['postgresql', 'upgrade', 'iam-db-auth-error'];
const LIFECYCLES = ['open-source-rds-extended-support', 'open-source-rds-extended-support-disabled'];
const INTERVALS = [0, 1, 5, 10, 15, 30, 60];
const SMALLEST: Record<string, number> = { gp2: 20, gp3: 20, io1: 100, io2: 100, standard: 5 };

/**
 * The settings that a call makes of `base`, or the refusal of RDS.
 *
 * @param base   as they would be without the call
 * @param passed what the call says
 */
export function allowed(context: Context, base: Settings, passed: SomeSettings): Settings {
  const whole = completed(changed(base, passed));
  checkStorage(whole, passed);
  checkPlace(context, whole, passed);
  checkMonitoring(whole, passed);
  checkInsights(whole, passed);
  oneOf('EngineLifecycleSupport', whole.EngineLifecycleSupport, LIFECYCLES);
  for (const log of whole.EnableCloudwatchLogsExports) oneOf('EnableCloudwatchLogsExports', log, LOGS);
  return whole;
}

/** The settings of a new instance before its call: provisioned IOPS without a word on the type mean io1. */
export function typedStorage(base: Settings, { Iops, StorageType }: SomeSettings): Settings {
  return Iops && StorageType === undefined ? { ...base, StorageType: 'io1' } : base;
}

/** What follows from what was said. */
function completed(whole: Settings): Settings {
  const { MonitoringInterval, EnablePerformanceInsights: insights, MaxAllocatedStorage, AllocatedStorage } = whole;
  return {
    ...whole,
    // The size itself as the limit turns autoscaling off.
    MaxAllocatedStorage: MaxAllocatedStorage === AllocatedStorage ? null : MaxAllocatedStorage,
    MonitoringRoleArn: MonitoringInterval === 0 ? null : whole.MonitoringRoleArn,
    PerformanceInsightsRetentionPeriod: insights ? (whole.PerformanceInsightsRetentionPeriod ?? 7) : null,
    PerformanceInsightsKMSKeyId: insights ? whole.PerformanceInsightsKMSKeyId : null,
  };
}

function checkStorage(whole: Settings, passed: SomeSettings): void {
  const { StorageType: type, AllocatedStorage: size, MaxAllocatedStorage: max, Iops, StorageThroughput } = whole;
  const smallest = SMALLEST[type];
  if (smallest === undefined) throw invalidValue(`Invalid storage type: ${type}`);
  if (size < smallest || size > 65_536) {
    throw invalidCombination(`Invalid storage size for engine name postgres and storage type ${type}: ${size}`);
  }
  if (max !== null && max < size * 1.1) {
    throw invalidCombination(`Invalid max storage size for engine name postgres and storage type ${type}: ${max}`);
  }
  const chosen = passed.Iops || passed.StorageThroughput;
  if (type === 'gp3' && size < STRIPED && chosen) {
    throw invalidCombination(
      `You can't specify IOPS or storage throughput for engine postgres and a storage size less than ${STRIPED}.`,
    );
  }
  if (type.startsWith('io') && !Iops) {
    throw invalidCombination(`The storage type ${type} requires iops to be specified.`);
  }
  if (['gp2', 'standard'].includes(type) && (Iops || StorageThroughput)) {
    throw invalidCombination(`You can't specify IOPS or storage throughput for storage type ${type}.`);
  }
}

function checkPlace(context: Context, whole: Settings, passed: SomeSettings): void {
  const { optionGroups, subnetGroups } = context;
  if (!optionGroups.includes(whole.OptionGroupName)) throw optionGroupNotFound(whole.OptionGroupName);
  if (!subnetGroups.includes(whole.DBSubnetGroupName)) throw subnetGroupNotFound(whole.DBSubnetGroupName);
  if (!AUTHORITIES.includes(whole.CACertificateIdentifier)) throw certificateNotFound(whole.CACertificateIdentifier);
  oneOf('NetworkType', whole.NetworkType, ['IPV4', 'DUAL']);
  if (whole.NetworkType !== 'IPV4') throw networkTypeNotSupported(whole.DBSubnetGroupName, whole.NetworkType);
  const zone = passed.AvailabilityZone;
  if (zone && whole.MultiAZ) {
    throw invalidCombination('Requesting a specific availability zone is not valid for Multi-AZ instances.');
  }
  if (zone && !zonesOf(context).includes(zone)) throw invalidValue(`${zone} is not a valid availability zone.`);
}

/** The availability zones of the region. */
export function zonesOf({ region }: Pick<Context, 'region'>): string[] {
  return ['a', 'b', 'c'].map((letter) => `${region}${letter}`);
}

function checkMonitoring({ MonitoringInterval, MonitoringRoleArn }: Settings, passed: SomeSettings): void {
  if (!INTERVALS.includes(MonitoringInterval)) {
    throw invalidValue(`Invalid monitoring interval: ${MonitoringInterval}. Must be one of ${INTERVALS.join(', ')}.`);
  }
  if (MonitoringInterval !== 0 && MonitoringRoleArn === null) {
    throw invalidCombination(
      'A MonitoringRoleARN value is required if you specify a MonitoringInterval value other than 0.',
    );
  }
  if (MonitoringInterval === 0 && passed.MonitoringRoleArn) {
    throw invalidCombination('A MonitoringInterval other than 0 is required if you specify a MonitoringRoleARN value.');
  }
}

function checkInsights(whole: Settings, passed: SomeSettings): void {
  oneOf('DatabaseInsightsMode', whole.DatabaseInsightsMode, ['standard', 'advanced']);
  const days = whole.PerformanceInsightsRetentionPeriod;
  if (
    !whole.EnablePerformanceInsights &&
    (passed.PerformanceInsightsKMSKeyId || passed.PerformanceInsightsRetentionPeriod)
  ) {
    throw invalidCombination('Performance Insights has to be enabled for its key or its retention period to be set.');
  }
  if (days !== null && days !== 7 && days !== 731 && (days % 31 !== 0 || days < 31 || days > 713)) {
    throw invalidValue(`Invalid Performance Insights retention period: ${days}.`);
  }
  // Also where both are so already, the call that turns it on has to say them again.
  const saysSo = passed.EnablePerformanceInsights && (passed.PerformanceInsightsRetentionPeriod ?? 0) >= ADVANCED_DAYS;
  const isAdvanced = whole.DatabaseInsightsMode === 'advanced';
  if ((passed.DatabaseInsightsMode === 'advanced' && !saysSo) || (isAdvanced && (days ?? 0) < ADVANCED_DAYS)) {
    throw invalidCombination(
      'To enable the Advanced mode of Database Insights, modify your instance to enable Performance Insights and set the ' +
        `retention period for Performance Insights to at least ${ADVANCED_DAYS} days.`,
    );
  }
}

function oneOf(name: string, value: string, values: string[]): void {
  if (!values.includes(value))
    throw invalidValue(`Invalid value ${value} for ${name}. Must be one of ${values.join(', ')}.`);
}
