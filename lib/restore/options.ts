import type { Run } from '../runs/run.ts';
import type { RestoreOptions } from './order.ts';

/**
 * How the database of a run is to be put back: as it was asked for, or, when a migration left it dirty, to the restore point of
 * that run.
 */
export function optionsOf(run: Pick<Run, 'id' | 'onFailure'> & { restore?: RestoreOptions | null }): RestoreOptions {
  return (
    run.restore ?? {
      order: { to: 'run', run: run.id },
      acceptLoss: run.onFailure === 'restore' ? 'all' : null,
      ...{
        planDigest: null,
        freeze: 'late',
        maxFreezeSeconds: 600,
        acceptWindowSeconds: 0,
        hydrate: true,
        resume: null,
      },
    }
  );
}
