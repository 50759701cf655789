import * as z from 'zod/mini';
import { madeBackup } from '../backups/made-backup.ts';
import { assessment } from '../damage/assessment.ts';
import { judgedDifference } from '../schema/judge.ts';
import { warning } from '../schema/warnings/warning.ts';
import { restoration } from './restoration.ts';
import { appliedFile, fault } from './verdict.ts';

const versions = z.object({ before: z.nullable(z.int()), after: z.nullable(z.int()) });

/** The outcome of a run as it is kept in `runs/<id>.json`: one a run, written once, never changed but by adding to it. */
export const record = z.object({
  format: z.literal(1),
  run: z.string(),
  kind: z.string(),
  execution: z.string(),
  database: z.string(),
  outcome: z.string(),
  version: versions,
  files: z.array(appliedFile),
  snapshot: z.nullable(z.string()),
  /** What was done to put the database back; null when nothing was. */
  restore: z.nullable(restoration),
  /** The backup that is in store after the run; null when there is none, and for runs of other kinds. */
  backup: z._default(z.nullable(madeBackup), null),
  resumeAt: z.nullable(z.object({ file: z.string(), step: z.int() })),
  error: z.nullable(fault),
  assessment: z.nullable(assessment),
  /** Set when a database that could not be looked at was assessed later; the outcome stays what it was. */
  reassessed: z.nullable(z.object({ at: z.string(), by: z.string(), outcome: z.string(), assessment })),
  /** How the schema differs from what it should be, object by object; all of them are in `runs/<id>/differences.json`. */
  differences: z._default(z.array(judgedDifference), []),
  /** Why nobody knows what the schema should be after the run: its files cannot be applied to an empty database. */
  unproven: z.optional(z.nullable(z.string())),
  /** What a person should know of the database, as it was found before the run. */
  warnings: z._default(z.array(warning), []),
  /** What else a person has to know of how this came about. */
  notes: z._default(z.array(z.string()), []),
  requestedBy: z.string(),
  reason: z.nullable(z.string()),
  startedAt: z.string(),
  endedAt: z.string(),
});

export type OutcomeRecord = z.infer<typeof record>;
