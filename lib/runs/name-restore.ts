import type { Fault } from '../errors.ts';
import type { RestoreOutcome } from './outcome.ts';

/**
 * Names how a restore execution ended.
 *
 * @param ending.restored whether the restored instance serves the application
 * @param ending.refused  whether it ended before it made or changed anything
 */
export function nameRestore(ending: { restored: boolean; refused: boolean; error: Fault | null }): RestoreOutcome {
  if (ending.restored) return 'Restored';
  if (ending.refused) return 'Refused';
  return ending.error?.name === 'LossNotAcceptedError' ? 'NeedsAcceptance' : 'FailedKept';
}
