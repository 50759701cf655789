import type { RDSClient } from '@aws-sdk/client-rds';
import type { CutoverJournal } from './cutover-journal.ts';
import type { ObservedCutover } from './next-cutover-step.ts';
import { observeInstances } from './observe-instance.ts';

/**
 * Both instances by their resource ids, and who has their names. One list of instances for each, because a name that changes hands in
 * between two looks at single instances would be with both or with neither.
 */
export async function observeCutover(
  rds: RDSClient,
  { old, copy, name, retired }: CutoverJournal,
): Promise<ObservedCutover> {
  const holders = await observeInstances(rds, 'db-instance-id', [name, retired]);
  const ours = await observeInstances(rds, 'dbi-resource-id', [old.resourceId, copy.resourceId]);
  const byId = (id: string) => ours.find(({ resourceId }) => resourceId === id) ?? null;
  const holderOf = (wanted: string) => holders.find(({ identifier }) => identifier === wanted)?.resourceId ?? null;
  return {
    old: byId(old.resourceId),
    copy: byId(copy.resourceId),
    holders: { name: holderOf(name), retired: holderOf(retired) },
  };
}
