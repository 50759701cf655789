import * as z from 'zod/mini';

/**
 * The schema that a person took as it is, at the version at which the history stood: the one drift that a migration then does
 * not refuse, so that a file that was left in the middle can go on.
 */
export const acceptedSchema = z.object({
  format: z.literal(1),
  version: z.int(),
  digest: z.string(),
  run: z.string(),
});
