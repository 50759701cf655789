import { requiredText, takes } from '../input.ts';
import { invalidInstanceState, invalidValue, roleAlreadyExists, roleNotFound, roleQuotaExceeded } from '../refusals.ts';
import { settle } from '../work/settle.ts';
import { instanceNamed } from './describe-instances.ts';
import type { Operation } from './operation.ts';

const PARAMETERS = ['DBInstanceIdentifier', 'RoleArn', 'FeatureName'];
/** Of PostgreSQL. */
const FEATURES = ['s3Import', 's3Export', 'Lambda', 'Comprehend', 'SageMaker'];
const MOST = 5;

/** A feature has one role. It is ACTIVE a moment later; the instance stays available meanwhile. */
export const addRole: Operation = async (context, input) => {
  takes('AddRoleToDBInstance', input, PARAMETERS);
  const [name = '', arn = '', feature = ''] = PARAMETERS.map((each) => requiredText(input, each));
  const instance = instanceNamed(context, name);
  if (!FEATURES.includes(feature)) throw invalidValue(`The feature-name ${feature} is not supported for postgres.`);
  if (instance.status !== 'available') throw invalidInstanceState('Database instance is not in available state.');
  if (instance.roles.some((role) => role.feature === feature)) throw roleAlreadyExists(instance.identifier, feature);
  if (instance.roles.length >= MOST) throw roleQuotaExceeded(instance.identifier, MOST);
  instance.roles.push({ arn, feature, status: 'PENDING' });
  await context.inventory.save(instance);
  settle(context, instance);
  return {};
};

export const removeRole: Operation = async (context, input) => {
  takes('RemoveRoleFromDBInstance', input, PARAMETERS);
  const [name = '', arn = '', feature = ''] = PARAMETERS.map((each) => requiredText(input, each));
  const instance = instanceNamed(context, name);
  if (instance.status !== 'available') throw invalidInstanceState('Database instance is not in available state.');
  const kept = instance.roles.filter((role) => role.arn !== arn || role.feature !== feature);
  if (kept.length === instance.roles.length) throw roleNotFound(instance.identifier, arn);
  instance.roles = kept;
  await context.inventory.save(instance);
  return {};
};
