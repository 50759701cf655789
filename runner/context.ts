import type { Author } from '../lib/journal/record.ts';
import type { ConnectOptions } from '../lib/postgres/connect.ts';
import type { Log } from './log.ts';

/** What every part of a run works with. */
export type Context = {
  author: Author;
  /** How to reach the database; all sessions of the run carry its name. */
  database: Pick<ConnectOptions, 'credentials' | 'applicationName' | 'ca' | 'connectTimeoutMs'>;
  /** Aborted when the run must stop: SIGTERM, or its own deadline. The reason is the error to report. */
  stop: AbortSignal;
  log: Log;
  /** Longest wait for the run lock, in milliseconds: a predecessor's session needs a moment to be gone. */
  lockWaitMs: number;
};
