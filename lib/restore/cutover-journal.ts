import * as z from 'zod/mini';

const instance = z.object({ resourceId: z.string(), identifier: z.string() });
const done = z.nullable(z.iso.datetime());

/**
 * How far a cutover has come, in `runs/<id>/restore/cutover.json`. It is written before each step and after it, so that whoever finds
 * it can go on; what really happened is asked of RDS each time, by resource ids, since names change hands.
 */
export const cutoverJournal = z.object({
  format: z.literal(1),
  run: z.string(),
  old: instance,
  copy: instance,
  /** The identifier that changes hands. */
  name: z.string(),
  /** What the old instance is called afterwards. */
  retired: z.string(),
  /** When each step was seen done. */
  steps: z.object({
    protected: done,
    renamedOld: done,
    renamedCopy: done,
    verified: done,
    admitted: done,
    retired: done,
  }),
  /** When everything was put back as it was. */
  reversed: done,
});

export type CutoverJournal = z.infer<typeof cutoverJournal>;
