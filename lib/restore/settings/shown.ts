import type { CapturedInstance } from './instance.ts';
import { inheritedTags } from './tags.ts';

/**
 * What counts of a field when two instances are compared: the name of a group and not its status, the ARN of a role and not
 * whether it is active yet, without what RDS adds by itself. Null where there is nothing.
 */
export function shown(field: string, instance: CapturedInstance): unknown {
  switch (field) {
    case 'DBSubnetGroup':
      return instance.DBSubnetGroup?.DBSubnetGroupName ?? null;
    case 'VpcSecurityGroups':
      return sorted(instance.VpcSecurityGroups?.map(({ VpcSecurityGroupId }) => VpcSecurityGroupId));
    case 'DBParameterGroups':
      return sorted(instance.DBParameterGroups?.map(({ DBParameterGroupName }) => DBParameterGroupName));
    case 'OptionGroupMemberships':
      return sorted(instance.OptionGroupMemberships?.map(({ OptionGroupName }) => OptionGroupName));
    case 'AssociatedRoles':
      return sorted(instance.AssociatedRoles?.map(({ RoleArn, FeatureName }) => `${FeatureName} ${RoleArn}`));
    case 'ProcessorFeatures':
      return sorted(instance.ProcessorFeatures?.map(({ Name, Value }) => `${Name} ${Value}`));
    case 'DomainMemberships':
      return sorted(instance.DomainMemberships?.map(({ Domain, FQDN }) => FQDN ?? Domain));
    case 'EnabledCloudwatchLogsExports':
      return sorted(instance.EnabledCloudwatchLogsExports);
    case 'DBInstanceAutomatedBackupsReplications':
      return sorted(instance.DBInstanceAutomatedBackupsReplications?.map((each) => each.DBInstanceAutomatedBackupsArn));
    case 'CertificateDetails':
      return instance.CertificateDetails?.CAIdentifier ?? null;
    case 'MasterUserSecret':
      return instance.MasterUserSecret?.KmsKeyId ?? null;
    case 'TagList':
      return inheritedTags(instance.TagList ?? []);
    default:
      return plain(instance[field]);
  }
}

/** An empty list is as good as none: RDS leaves out the one or the other. */
function plain(value: unknown): unknown {
  return Array.isArray(value) && value.length === 0 ? null : (value ?? null);
}

function sorted(values: (string | undefined)[] = []): string[] | null {
  const present = values.flatMap((value) => value ?? []);
  return present.length === 0 ? null : present.toSorted();
}
