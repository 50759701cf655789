import type { Compared } from './document.ts';
import { type Treatment, treatments } from './fields.ts';
import { type CapturedInstance, groupsOf } from './instance.ts';
import { shown } from './shown.ts';
import { isOlderMinor } from './version.ts';

/** What else decides whether a difference is explained: which groups alone a copy is to have by now, and that the zone of the source had no capacity. */
type Given = { admits: string[]; anyZone: boolean };

/** Source and copy, field by field, with the reason of each difference; `unexplained` are those that have none. */
export function compareSettings(
  source: CapturedInstance,
  copy: CapturedInstance,
  given: Given,
): { compared: Compared[]; unexplained: Compared[] } {
  const fields = new Set([...treatments.keys(), ...Object.keys(source), ...Object.keys(copy)]);
  const all = [...fields].toSorted().map((field) => compareField(field, source, copy, given));
  return {
    compared: all.map(({ compared }) => compared),
    unexplained: all.flatMap(({ compared, isExplained }) => (isExplained ? [] : [compared])),
  };
}

/** A field of a later API that nobody has thought of yet. */
const UNKNOWN: Treatment = { how: 'inherited', why: 'not known yet' };

function compareField(
  field: string,
  source: CapturedInstance,
  copy: CapturedInstance,
  given: Given,
): { compared: Compared; isExplained: boolean } {
  const treatment = treatments.get(field) ?? UNKNOWN;
  const values = { field, source: shown(field, source), copy: shown(field, copy) };
  // Whatever the source has: a copy that others get into is not one to go on with.
  const isOpen = field === 'VpcSecurityGroups' && groupsOf(copy).join() !== given.admits.join();
  if (JSON.stringify(values.source) === JSON.stringify(values.copy)) {
    return { compared: { ...values, how: made(treatment), reason: remark(field, copy) }, isExplained: !isOpen };
  }
  const reason = isOpen ? null : reasonOf(field, { treatment, source, copy, given });
  const compared: Compared = { ...values, how: 'differs', reason: reason ?? 'nothing explains it' };
  return { compared, isExplained: reason !== null };
}

function made({ how }: Treatment): Compared['how'] {
  return how === 'passed' || how === 'second step' ? how : 'equal';
}

/** What there is to say of equal values. */
function remark(field: string, { MasterUserSecret }: CapturedInstance): string | null {
  if (field !== 'MasterUserSecret' || !MasterUserSecret) return null;
  return `the secret is a new one: ${MasterUserSecret.SecretArn}`;
}

type Difference = { treatment: Treatment; source: CapturedInstance; copy: CapturedInstance; given: Given };

/** Why a field may differ; null when it may not. */
function reasonOf(field: string, { treatment, source, copy, given }: Difference): string | null {
  if (['identity', 'state', 'listed'].includes(treatment.how)) return treatment.why;
  switch (field) {
    case 'VpcSecurityGroups':
      return treatment.why;
    case 'AllocatedStorage':
      return (copy.AllocatedStorage ?? 0) > (source.AllocatedStorage ?? 0) ? 'the storage of the copy has grown' : null;
    case 'AvailabilityZone':
      return source.MultiAZ || given.anyZone ? treatment.why : null;
    case 'DeletionProtection':
      return copy.DeletionProtection ? 'on for every copy; turn it off yourself when it is not wanted' : null;
    case 'EngineVersion':
      return isOlderMinor(source.EngineVersion, copy.EngineVersion) ? 'RDS gave the copy a newer minor version' : null;
    default:
      return null;
  }
}
