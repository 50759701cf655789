import * as z from 'zod/mini';

/**
 * A fault that a test asks for with `POST /_faults`.
 *
 * `fail-before` answers an error and does nothing; `fail-after` does it and answers an error, both after `heldMs`; `hang` does nothing and
 * never answers; `twice` does it two times and gives the second answer; `late` does it `afterMs` later, also when the client has gone by then.
 */
export const fault = z.object({
  /** As in the credential scope: `s3`, `rds`, `states`, ...; `lambda` is a call of a function by a workflow. */
  service: z.string(),
  operation: z.string(),
  mode: z.enum(['fail-before', 'fail-after', 'hang', 'twice', 'late']),
  /** Code and HTTP status of the error that the two failing modes answer. */
  code: z._default(z.string(), 'InternalFailure'),
  status: z._default(z.int().check(z.gte(400), z.lte(599)), 500),
  /** How many calls it hits. */
  times: z._default(z.int().check(z.positive()), 1),
  /** How many calls it lets pass before. */
  skip: z._default(z.int().check(z.nonnegative()), 0),
  /** Only calls that this function makes. */
  by: z.optional(z.string()),
  /** Only calls whose input has these values, for example `{ "Key": "runs/1.json" }`. */
  where: z._default(z.record(z.string(), z.string()), {}),
  afterMs: z._default(z.int().check(z.nonnegative()), 1_000),
  heldMs: z.optional(z.int().check(z.nonnegative())),
});

export type Fault = z.infer<typeof fault>;
