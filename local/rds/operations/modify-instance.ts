import { randomUUID } from 'node:crypto';
import * as z from 'zod/mini';
import type { Context } from '../context.ts';
import {
  backupTagList,
  flag,
  HARMLESS,
  type Input,
  newIdentifier,
  requiredText,
  settingsIn,
  takes,
  text,
} from '../input.ts';
import { CHANGING, type Change, type Instance, noChange } from '../instance.ts';
import { invalidCombination, invalidInstanceState, invalidValue } from '../refusals.ts';
import { allowed } from '../rules.ts';
import { scramVerifier } from '../secret.ts';
import { changed, modifiableSettings, type SomeSettings, someSettings, WAITING_SETTINGS } from '../settings.ts';
import { describeInstance } from '../wire.ts';
import { hasDue } from '../work/apply.ts';
import { settle } from '../work/settle.ts';
import {
  beginManaging,
  checkNameIsFree,
  checkParameterGroup,
  managedAndGiven,
  masterPassword,
  securityGroups,
} from './create-instance.ts';
import { instanceNamed } from './describe-instances.ts';
import type { Operation } from './operation.ts';

const PASSWORD = [
  'MasterUserPassword',
  'ManageMasterUserPassword',
  'RotateMasterUserPassword',
  'MasterUserSecretKmsKeyId',
];

export const modifyInstance: Operation = async (context, input) => {
  takes('ModifyDBInstance', input, [
    ...modifiableSettings,
    ...HARMLESS,
    ...PASSWORD,
    ...['DBInstanceIdentifier', 'NewDBInstanceIdentifier', 'ApplyImmediately', 'CertificateRotationRestart'],
    ...['VpcSecurityGroupIds', 'DBParameterGroupName', 'CloudwatchLogsExportConfiguration', 'TagSpecifications'],
  ]);
  const instance = instanceNamed(context, requiredText(input, 'DBInstanceIdentifier'));
  if (instance.status !== 'available') throw invalidInstanceState('Database instance is not in available state.');
  const isImmediate = flag(input, 'ApplyImmediately') ?? false;
  const credentials = newCredentials(instance, input, isImmediate);
  const identifier = newName(context, instance, input, isImmediate);
  const settings = { ...settingsIn(input, modifiableSettings), ...logExports(instance, input) };
  // As they will be once everything that waits is applied.
  const whole = allowed(context, changed(instance.settings, instance.waiting.settings), settings);
  if (settings.AllocatedStorage !== undefined && settings.AllocatedStorage < instance.settings.AllocatedStorage) {
    throw invalidCombination('Requested storage size cannot be less than the current storage size.');
  }
  const group = text(input, 'DBParameterGroupName');
  if (group !== null) checkParameterGroup(context, group);
  const groups = securityGroups(context, input);

  // The name of the group changes at once, what it sets with the next reboot.
  const hasNewGroup = group !== null && group !== instance.parameterGroup.name;
  if (group !== null) instance.parameterGroup.name = group;
  if (groups !== null) exchangeSecurityGroups(instance, groups);
  instance.backupTags = backupTagList(input) ?? instance.backupTags;
  const { atOnce, later } = sort(instance, someSettings.parse(whole));
  Object.assign(instance.settings, atOnce);
  Object.assign(instance.due, credentials);
  instance.waiting.identifier = identifier ?? instance.waiting.identifier;
  instance.waiting.settings = later;
  if (isImmediate) {
    // Everything, also what waited before.
    instance.due = { ...instance.waiting, ...credentials };
    instance.waiting = noChange();
  }
  const isChanged = hasDue(instance) || hasNewGroup || Object.keys(atOnce).length > 0;
  if (isChanged) instance.status = statusFor(instance, Object.keys(atOnce));
  await context.inventory.save(instance);
  if (credentials.secret?.kind === 'manage') {
    await beginManaging(context, instance, credentials.secret.token, text(input, 'MasterUserSecretKmsKeyId'));
  }
  if (credentials.secret?.kind === 'rotate' && instance.masterSecret) instance.masterSecret.status = 'rotating';
  if (CHANGING.includes(instance.status)) settle(context, instance);
  return { DBInstance: describeInstance(context, instance) };
};

/** What becomes of the master user's password and its secret. */
function newCredentials(
  { masterSecret }: Instance,
  input: Input,
  isImmediate: boolean,
): Pick<Change, 'masterVerifier' | 'secret'> {
  const given = text(input, 'MasterUserPassword');
  const manage = flag(input, 'ManageMasterUserPassword');
  const rotate = flag(input, 'RotateMasterUserPassword') ?? false;
  const isManaged = manage ?? masterSecret !== null;
  if (given !== null && isManaged) throw managedAndGiven();
  if (manage === false && masterSecret !== null && given === null) {
    throw invalidCombination('MasterUserPassword is required when ManageMasterUserPassword is turned off.');
  }
  if (rotate && (masterSecret === null || manage === false)) {
    throw invalidCombination('RotateMasterUserPassword is valid only if RDS manages the master user password.');
  }
  if (rotate && !isImmediate) {
    throw invalidCombination('RotateMasterUserPassword requires ApplyImmediately.');
  }
  const masterVerifier = given === null ? null : scramVerifier(masterPassword(given));
  const token = randomUUID();
  if (manage && masterSecret === null) return { masterVerifier, secret: { kind: 'manage', token } };
  if (manage === false && masterSecret !== null) return { masterVerifier, secret: { kind: 'release', token } };
  return { masterVerifier, secret: rotate ? { kind: 'rotate', token } : null };
}

function newName(context: Context, instance: Instance, input: Input, isImmediate: boolean): string | null {
  const asked =
    text(input, 'NewDBInstanceIdentifier') === null ? null : newIdentifier(input, 'NewDBInstanceIdentifier', 63);
  const name = asked ?? (isImmediate ? instance.waiting.identifier : null);
  if (name === null || name === instance.identifier) return null;
  checkNameIsFree(context, name);
  return asked;
}

const exportConfiguration = z.partial(
  z.object({ EnableLogTypes: z.array(z.string()), DisableLogTypes: z.array(z.string()) }),
);

/** Which logs are exported, after what the call says of that. */
function logExports({ settings }: Instance, input: Input): SomeSettings {
  if (input.CloudwatchLogsExportConfiguration === undefined) return {};
  const parsed = exportConfiguration.safeParse(input.CloudwatchLogsExportConfiguration);
  if (!parsed.success)
    throw invalidValue('CloudwatchLogsExportConfiguration is not EnableLogTypes and DisableLogTypes.');
  const { EnableLogTypes = [], DisableLogTypes = [] } = parsed.data;
  const exported = new Set([...settings.EnableCloudwatchLogsExports, ...EnableLogTypes]);
  return { EnableCloudwatchLogsExports: [...exported].filter((log) => !DisableLogTypes.includes(log)) };
}

function exchangeSecurityGroups(instance: Instance, wanted: string[]): void {
  const now = instance.securityGroups.map(({ id }) => id);
  instance.securityGroups = [
    ...now.map((id) => ({ id, status: wanted.includes(id) ? ('active' as const) : ('removing' as const) })),
    ...wanted.filter((id) => !now.includes(id)).map((id) => ({ id, status: 'adding' as const })),
  ];
}

/** What changes at once, and what RDS leaves for the maintenance window; what is so already is neither. */
function sort(instance: Instance, wanted: SomeSettings): { atOnce: SomeSettings; later: SomeSettings } {
  const now = new Map<string, unknown>(Object.entries(instance.settings));
  const differing = Object.entries(wanted).filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(now.get(name)),
  );
  const waits = ([name, value]: [string, unknown]) =>
    WAITING_SETTINGS.includes(name) || (name === 'BackupRetentionPeriod' && (value === 0 || now.get(name) === 0));
  return {
    atOnce: someSettings.parse(Object.fromEntries(differing.filter((each) => !waits(each)))),
    later: someSettings.parse(Object.fromEntries(differing.filter(waits))),
  };
}

function statusFor({ due }: Instance, atOnce: string[]): Instance['status'] {
  if (due.identifier !== null) return 'renaming';
  if (due.masterVerifier !== null || due.secret !== null) return 'resetting-master-credentials';
  if (atOnce.some((name) => name.startsWith('Monitoring'))) return 'configuring-enhanced-monitoring';
  if (due.settings.EnableIAMDatabaseAuthentication !== undefined) return 'configuring-iam-database-auth';
  if (atOnce.includes('EnableCloudwatchLogsExports')) return 'configuring-log-exports';
  return 'modifying';
}
