import * as z from 'zod/mini';

/** A bigint column, which the driver hands over as text because it may not fit a number; ours do. */
export const bigint = z.pipe(z.string().check(z.regex(/^-?\d+$/)), z.pipe(z.transform(Number), z.int()));

/** A 64-bit transaction id (xid8), kept as text. */
export const xid = z.string().check(z.regex(/^\d+$/));
