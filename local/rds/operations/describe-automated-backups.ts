import { filterOf } from '../filters.ts';
import { identifierIn, takes, text } from '../input.ts';
import type { Instance } from '../instance.ts';
import { page } from '../pages.ts';
import { automatedBackupNotFound } from '../refusals.ts';
import { automatedBackupArn, describeAutomatedBackup, restoreWindow } from '../wire.ts';
import type { Operation } from './operation.ts';

export const describeAutomatedBackups: Operation = async (context, input) => {
  const names = ['DbiResourceId', 'DBInstanceIdentifier', 'DBInstanceAutomatedBackupsArn'];
  takes('DescribeDBInstanceAutomatedBackups', input, [...names, 'Filters', 'Marker', 'MaxRecords']);
  const [resource, name, arn] = names.map((parameter) => text(input, parameter));
  const passes = filterOf<Instance>(input, {
    status: (each) => (each.status === 'retained' ? 'retained' : restoreWindow(context, each) ? 'active' : 'creating'),
    'db-instance-id': ({ identifier }) => identifier,
    'dbi-resource-id': ({ resourceId }) => resourceId,
  });
  const found = context.inventory
    .resources()
    .filter(
      (each) =>
        each.settings.BackupRetentionPeriod > 0 &&
        (!resource || each.resourceId === resource) &&
        (!name || each.identifier === identifierIn(name)) &&
        (!arn || automatedBackupArn(context, each) === arn) &&
        passes(each),
    );
  const wanted = resource ?? name ?? arn;
  if (wanted && found.length === 0) throw automatedBackupNotFound(wanted);
  const { items, Marker } = page({ items: found, key: ({ resourceId }) => resourceId, input });
  const backups = items.map((each) => describeAutomatedBackup(context, each));
  return { DBInstanceAutomatedBackups: { DBInstanceAutomatedBackup: backups }, Marker };
};
