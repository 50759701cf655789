import type { Context } from '../context.ts';
import { flag, type Input, list, newIdentifier, requiredText, settingsIn, takes, text } from '../input.ts';
import { type Instance, noChange } from '../instance.ts';
import { invalidInstanceState } from '../refusals.ts';
import { scramVerifier } from '../secret.ts';
import { modifiableSettings, type SomeSettings, someSettings, WAITING_SETTINGS } from '../settings.ts';
import { describeInstance } from '../wire.ts';
import { hasDue } from '../work/apply.ts';
import { settle } from '../work/settle.ts';
import { checkNameIsFree, checkParameterGroup, masterPassword } from './create-instance.ts';
import { instanceNamed } from './describe-instances.ts';
import type { Operation } from './operation.ts';

export const modifyInstance: Operation = async (context, input) => {
  takes('ModifyDBInstance', input, [
    ...modifiableSettings,
    ...['DBInstanceIdentifier', 'NewDBInstanceIdentifier', 'MasterUserPassword', 'ApplyImmediately'],
    ...['VpcSecurityGroupIds', 'DBParameterGroupName'],
  ]);
  const instance = instanceNamed(context, requiredText(input, 'DBInstanceIdentifier'));
  if (instance.status !== 'available') throw invalidInstanceState(instance.identifier, instance.status);
  const password = text(input, 'MasterUserPassword');
  const verifier = password === null ? null : scramVerifier(masterPassword(password));
  const identifier = newName(context, instance, input);
  const settings = settingsIn(input, modifiableSettings);
  const group = text(input, 'DBParameterGroupName');
  if (group !== null) checkParameterGroup(context, group);
  const securityGroups = list(input, 'VpcSecurityGroupIds');

  // The name of the group changes at once, what it sets with the next reboot.
  if (group !== null) instance.parameterGroup.name = group;
  if (securityGroups !== null) exchangeSecurityGroups(instance, securityGroups);
  const { atOnce, later } = sort(instance, settings);
  Object.assign(instance.settings, atOnce);
  instance.due.masterVerifier = verifier;
  instance.waiting.identifier = identifier ?? instance.waiting.identifier;
  Object.assign(instance.waiting.settings, later);
  if (flag(input, 'ApplyImmediately') === true) {
    // Everything, also what waited before.
    instance.due = { ...instance.waiting, masterVerifier: verifier };
    instance.waiting = noChange();
  }
  if (hasDue(instance)) {
    instance.status = statusFor(instance);
    settle(context, instance);
  }
  await context.inventory.save(instance);
  return { DBInstance: describeInstance(context, instance) };
};

function newName(context: Context, instance: Instance, input: Input): string | null {
  const asked =
    text(input, 'NewDBInstanceIdentifier') === null ? null : newIdentifier(input, 'NewDBInstanceIdentifier', 63);
  const name = asked ?? (flag(input, 'ApplyImmediately') ? instance.waiting.identifier : null);
  if (name === null || name === instance.identifier) return null;
  checkNameIsFree(context, name);
  return asked;
}

function exchangeSecurityGroups(instance: Instance, wanted: string[]): void {
  const now = instance.securityGroups.map(({ id }) => id);
  instance.securityGroups = [
    ...now.map((id) => ({ id, status: wanted.includes(id) ? ('active' as const) : ('removing' as const) })),
    ...wanted.filter((id) => !now.includes(id)).map((id) => ({ id, status: 'adding' as const })),
  ];
}

/** What changes at once, and what RDS leaves for the maintenance window; what is so already is neither. */
function sort(instance: Instance, asked: SomeSettings): { atOnce: SomeSettings; later: SomeSettings } {
  const now = new Map<string, unknown>(Object.entries(instance.settings));
  const changed = Object.entries(asked).filter(([name, value]) => value !== now.get(name));
  const waits = ([name, value]: [string, unknown]) =>
    WAITING_SETTINGS.includes(name) || (name === 'BackupRetentionPeriod' && (value === 0 || now.get(name) === 0));
  return {
    atOnce: someSettings.parse(Object.fromEntries(changed.filter((each) => !waits(each)))),
    later: someSettings.parse(Object.fromEntries(changed.filter(waits))),
  };
}

function statusFor({ due }: Instance): Instance['status'] {
  if (due.identifier !== null) return 'renaming';
  return due.masterVerifier !== null ? 'resetting-master-credentials' : 'modifying';
}
