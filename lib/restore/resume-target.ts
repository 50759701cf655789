import { RestoreRefusedError } from './errors.ts';
import type { Facts } from './facts.ts';
import type { FoundTarget } from './find-target.ts';
import type { RestorePlan } from './plan.ts';
import { type CapturedInstance, tagOf } from './settings/instance.ts';
import { RUN_TAG } from './settings/tags.ts';

/**
 * The target of the restore that is taken up again: its copy has to be there still, and to be of the instance that serves now.
 *
 * @throws RestoreRefusedError
 */
export function resumeTarget(facts: Facts, resumed: RestorePlan, serving: CapturedInstance): FoundTarget {
  const remedy = 'Start a new restore: carthub-db restore --plan';
  if (resumed.source.resourceId !== serving.DbiResourceId) {
    throw new RestoreRefusedError(`${resumed.run} was to replace ${resumed.source.resourceId}, which serves no more.`, {
      remedy,
    });
  }
  const runs = [resumed.run, ...(resumed.resumes ?? []), facts.run.id];
  const copy = facts.instances.find(({ DBInstanceIdentifier }) => DBInstanceIdentifier === resumed.copy.identifier);
  if (!copy || !runs.includes(tagOf(copy, RUN_TAG) ?? '')) {
    throw new RestoreRefusedError(
      `The copy ${resumed.copy.identifier} of ${resumed.run} is ${copy ? 'another run’s' : 'gone'}.`,
      { remedy },
    );
  }
  return {
    target: resumed.target,
    from: resumed.from ?? resumed.source.resourceId,
    expected: resumed.expected,
    notes: [`The copy ${resumed.copy.identifier} that ${resumed.run} made is taken up again.`],
  };
}
