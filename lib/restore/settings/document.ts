import * as z from 'zod/mini';
import { type Documents, readDocument } from '../../documents/documents.ts';
import { keys } from '../../runs/keys.ts';
import { RestoreRefusedError } from '../errors.ts';
import { capturedInstance } from './instance.ts';

const compared = z.object({
  field: z.string(),
  source: z.unknown(),
  copy: z.unknown(),
  how: z.enum(['equal', 'passed', 'second step', 'differs']),
  /** Why it differs; null where it does not. */
  reason: z.nullable(z.string()),
});

const tag = z.object({ Key: z.string(), Value: z.string() });

/**
 * What the instance was like before the restore changed anything, in `runs/<id>/restore/settings.json`, and how the copy compares.
 * It is captured with the plan, because a freeze exchanges the security groups.
 */
export const restoreSettings = z.object({
  format: z.literal(1),
  run: z.string(),
  source: capturedInstance,
  /** Of the automated backups, which a description of the instance does not show. */
  backupTags: z.array(tag),
  /** The copy as soon as there is one: its name changes, its resource id does not. */
  copy: z.nullable(z.object({ resourceId: z.string(), identifier: z.string() })),
  /** The zone of the source had no capacity. */
  anyZone: z.boolean(),
  /** Empty until the copy has all that it can be given. */
  compared: z.array(compared),
});

export type RestoreSettings = z.infer<typeof restoreSettings>;
export type Compared = z.infer<typeof compared>;

/** What was captured, with what the copy is; null before there is a plan. */
export async function readSettings(documents: Documents, run: string): Promise<RestoreSettings | null> {
  return (await readDocument(documents, keys.restore.settings(run), restoreSettings))?.value ?? null;
}

/** The same, where there has to be a plan. @throws RestoreRefusedError */
export async function needSettings(documents: Documents, run: string): Promise<RestoreSettings> {
  const settings = await readSettings(documents, run);
  if (settings !== null) return settings;
  throw new RestoreRefusedError(`The settings of the instance were not captured for ${run}.`, {
    remedy: 'Start a new restore: carthub-db restore --plan',
  });
}
