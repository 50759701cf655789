import { DescribeDBInstancesCommand, RDSClient } from '@aws-sdk/client-rds';
import * as z from 'zod/mini';
import { patience } from '../lib/aws/patience.ts';
import { readCatalogue } from '../lib/backups/catalogue.ts';
import { drillRecord, drillsKey } from '../lib/backups/drill-record.ts';
import { freshnessOf } from '../lib/backups/freshness.ts';
import { metricsLine } from '../lib/backups/metrics.ts';
import { retentionKey, retentionRecord } from '../lib/backups/retention-record.ts';
import { readIfReadable } from '../lib/documents/documents.ts';
import { toFault } from '../lib/errors.ts';
import { documents } from './edge/documents.ts';
import { defineHandler } from './edge/handler.ts';
import { writeLine } from './edge/log.ts';
import { settings } from './edge/settings.ts';

const rds = new RDSClient(patience);

/** The schedule starts it with nothing. */
export const handler = defineHandler(z.object({}), async () => {
  const { DATABASE: database } = settings;
  const now = new Date();
  const [catalogue, drills, retention, latestRestorable] = await Promise.all([
    readCatalogue(documents),
    readIfReadable(documents, drillsKey(database), drillRecord),
    readIfReadable(documents, retentionKey(database), retentionRecord),
    readLatestRestorable(),
  ]);
  const known = { catalogue, drills: drills.value, retention: retention.value, latestRestorable };
  const freshness = freshnessOf({ ...known, now });
  writeLine(metricsLine(database, freshness, now));
  return freshness;
});

/** Null is a breach of the alarm's, and the ages of the backups are to be told also when RDS does not answer. */
async function readLatestRestorable(): Promise<Date | null> {
  try {
    const { DBInstances: [instance] = [] } = await rds.send(
      new DescribeDBInstancesCommand({ DBInstanceIdentifier: settings.DB_INSTANCE }),
    );
    return instance?.LatestRestorableTime ?? null;
  } catch (error) {
    const { name, message } = toFault(error);
    writeLine({ level: 'error', event: 'instance-not-described', error: name, message });
    return null;
  }
}
