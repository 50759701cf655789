import * as z from 'zod/mini';

/** ISO 8601 with a zone, such as JavaScript's dates and our SQL write it. */
export const isoTime = z
  .string()
  .check(z.refine((text) => /^\d{4}-.*Z$/.test(text) && !Number.isNaN(Date.parse(text))));
