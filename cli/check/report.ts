import type { Fault } from '../../lib/errors.ts';
import type { Difference } from '../../lib/schema/difference.ts';

/** What became of one version, in each of the three passes. */
export type VersionReport = {
  version: number;
  file: string;
  /** Null when it was not applied, or failed. */
  appliedMs: number | null;
  /** Promises of the checks that hold at this version. */
  checks: { passed: number; failed: number };
  undo: { file: string | null; end: 'as before' | 'differs' | 'failed' | 'missing' | 'not tried'; ms: number | null };
  again: 'the same' | 'differs' | 'failed' | 'not tried';
};

/** One thing that is not as it must be. */
export type Failure = {
  during: 'apply' | 'checks' | 'undo' | 'apply again' | 'schema.txt';
  version: number;
  /** What happened, in a sentence, when `fault` does not say it all. */
  says: string;
  fault: Fault | null;
  differences: Difference[];
};

/** What `carthub-db check` found; `--json` prints it. */
export type CheckReport = {
  passed: boolean;
  folder: string;
  /** `PostgreSQL 15.18` */
  server: string;
  /** The newest version of the folder. */
  version: number;
  versions: VersionReport[];
  failures: Failure[];
  /** What is worth knowing, and no failure. */
  notes: string[];
  /** Null when there is no such file, or nobody knows what it should hold. */
  schemaFile: { file: string; current: boolean } | null;
  ms: number;
};
