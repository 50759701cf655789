import type { Compared } from './document.ts';
import { type Treatment, treatments } from './fields.ts';
import type { CapturedInstance } from './instance.ts';
import { groupsOf } from './instance.ts';
import { shown } from './shown.ts';

/** Source and copy, field by field, with the reason of each difference; `unexplained` are those that have none. */
export function compareSettings(
  source: CapturedInstance,
  copy: CapturedInstance,
  given: { opsGroup: string; anyZone: boolean },
): { compared: Compared[]; unexplained: Compared[] } {
  const fields = new Set([...treatments.keys(), ...Object.keys(source), ...Object.keys(copy)]);
  const compared = [...fields].toSorted().map((field): Compared & { isExplained: boolean } => {
    const treatment = treatments.get(field) ?? UNKNOWN;
    const [before, after] = [shown(field, source), shown(field, copy)];
    const values = { field, source: before, copy: after };
    const isEqual = JSON.stringify(before) === JSON.stringify(after);
    if (isEqual)
      return {
        ...values,
        how: made(treatment),
        reason: null,
        isExplained: field !== 'VpcSecurityGroups' || isClosed(copy, given),
      };
    const reason = reasonOf(field, { treatment, source, copy, given });
    return { ...values, how: 'differs', reason: reason ?? 'nothing explains it', isExplained: reason !== null };
  });
  return {
    compared: compared.map(({ isExplained: _, ...each }) => each),
    unexplained: compared.filter(({ isExplained }) => !isExplained).map(({ isExplained: _, ...each }) => each),
  };
}

/** A field of a later API that nobody has thought of yet. */
const UNKNOWN: Treatment = { how: 'inherited', why: 'not known yet' };

function made({ how }: Treatment): Compared['how'] {
  return how === 'passed' || how === 'second step' ? how : 'equal';
}

type Difference = {
  treatment: Treatment;
  source: CapturedInstance;
  copy: CapturedInstance;
  given: { opsGroup: string; anyZone: boolean };
};

/** Why a field may differ; null when it may not. */
function reasonOf(field: string, { treatment, source, copy, given }: Difference): string | null {
  if (['identity', 'state', 'listed'].includes(treatment.how)) return treatment.why;
  switch (field) {
    case 'VpcSecurityGroups':
      return isClosed(copy, given) ? treatment.why : null;
    case 'AllocatedStorage':
      return (copy.AllocatedStorage ?? 0) > (source.AllocatedStorage ?? 0) ? 'the storage of the copy has grown' : null;
    case 'AvailabilityZone':
      return source.MultiAZ || given.anyZone ? treatment.why : null;
    case 'DeletionProtection':
      return copy.DeletionProtection ? 'on for every copy; turn it off yourself when it is not wanted' : null;
    case 'EngineVersion':
      return null;
    default:
      return null;
  }
}

function isClosed(copy: CapturedInstance, { opsGroup }: { opsGroup: string }): boolean {
  return groupsOf(copy).join() === opsGroup;
}
