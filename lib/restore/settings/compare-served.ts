import type { RDSClient } from '@aws-sdk/client-rds';
import { type Documents, replaceDocument } from '../../documents/documents.ts';
import { keys } from '../../runs/keys.ts';
import { compareSettings } from './compare.ts';
import { describeResource } from './describe.ts';
import { readSettings } from './document.ts';
import { groupsOf } from './instance.ts';

/**
 * Holds the restored instance once more against the one that was captured, now that it serves: with the application's security groups, and
 * with whatever changed on the way. What comes out of that replaces the comparison that was made while it was closed.
 */
export async function compareServed(given: {
  rds: RDSClient;
  documents: Documents;
  run: string;
  resourceId: string;
}): Promise<void> {
  const { rds, documents, run, resourceId } = given;
  const settings = await readSettings(documents, run);
  const serving = await describeResource(rds, resourceId);
  if (settings === null || serving === null) return;
  const { source, anyZone } = settings;
  const { compared } = compareSettings(source, serving, { admits: groupsOf(source), anyZone });
  await replaceDocument(documents, keys.restore.settings(run), { ...settings, compared });
}
