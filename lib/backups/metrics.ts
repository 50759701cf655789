import type { Freshness } from './freshness.ts';

export const METRICS_NAMESPACE = 'carthub-db';

/** By the names that the alarms watch (resources/alarms.yml). */
const METRICS = {
  BackupAge: { Unit: 'Seconds', of: 'backupAge' },
  VerifiedBackupAge: { Unit: 'Seconds', of: 'verifiedBackupAge' },
  DrillAge: { Unit: 'Seconds', of: 'drillAge' },
  RetentionAge: { Unit: 'Seconds', of: 'retentionAge' },
  RestorableLag: { Unit: 'Seconds', of: 'restorableLag' },
  VerifiedBackups: { Unit: 'Count', of: 'verifiedBackups' },
  DoubtfulBackups: { Unit: 'Count', of: 'doubtfulBackups' },
} as const satisfies Record<string, { Unit: string; of: keyof Freshness }>;

/**
 * The line of a log of which CloudWatch makes metrics by itself, so that no call and no right is needed:
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 *
 * What is not known is left out, and an alarm takes missing data for a breach.
 */
export function metricsLine(database: string, freshness: Freshness, now: Date): Record<string, unknown> {
  const known = Object.entries(METRICS).flatMap(([Name, { Unit, of }]) => {
    const value = freshness[of];
    return value === null ? [] : [{ Name, Unit, value }];
  });
  const Metrics = known.map(({ Name, Unit }) => ({ Name, Unit }));
  return {
    _aws: {
      Timestamp: now.getTime(),
      CloudWatchMetrics: [{ Namespace: METRICS_NAMESPACE, Dimensions: [['Database']], Metrics }],
    },
    Database: database,
    event: 'freshness',
    ...Object.fromEntries(known.map(({ Name, value }) => [Name, value])),
  };
}
