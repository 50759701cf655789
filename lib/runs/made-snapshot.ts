import * as z from 'zod/mini';

/** The snapshot that a run asked for, kept at once: whoever tells the outcome of a run that was stopped finds it here. */
export const madeSnapshot = z.object({ format: z.literal(1), run: z.string(), id: z.string(), instance: z.string() });

export type MadeSnapshot = z.infer<typeof madeSnapshot>;
