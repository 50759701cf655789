import { CarthubError } from '../errors.ts';

/** There is nothing that could be restored in a drill, or what was named cannot be. Nothing was made. */
export class DrillRefusedError extends CarthubError {
  override readonly name = 'DrillRefusedError';
}

/** The instance for a restored backup was not made, or is in a status that does not pass. */
export class DrillInstanceError extends CarthubError {
  override readonly name = 'DrillInstanceError';
}

/** RDS takes longer than anybody waits. */
export class DrillOverdueError extends CarthubError {
  override readonly name = 'DrillOverdueError';
}
