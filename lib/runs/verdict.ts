import * as z from 'zod/mini';

export const fault = z.object({
  name: z.string(),
  message: z.string(),
  remedy: z.nullable(z.string()),
  place: z.nullable(
    z.object({
      file: z.string(),
      line: z.nullable(z.int()),
      column: z.nullable(z.int()),
      caret: z.nullable(z.string()),
    }),
  ),
});

export const appliedFile = z.object({ version: z.int(), file: z.string(), durationMs: z.int() });

/**
 * What the runner says of itself: compact in the container's termination message (at most 4,096 bytes,
 * https://kubernetes.io/docs/tasks/debug/debug-application/determine-reason-pod-failure/), whole in S3.
 *
 * `applied`: every file up to the target is in. `failed`: a file failed or could not be run. `fenced`: another holder of the
 * lease had the database by then, and this run committed nothing more.
 */
export const verdict = z.object({
  format: z.literal(1),
  run: z.string(),
  result: z.enum(['applied', 'failed', 'fenced']),
  version: z.object({ before: z.nullable(z.int()), after: z.nullable(z.int()) }),
  files: z.array(appliedFile),
  error: z.nullable(fault),
});

export type Verdict = z.infer<typeof verdict>;
export type AppliedFile = z.infer<typeof appliedFile>;
