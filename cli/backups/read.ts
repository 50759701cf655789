import { type Catalogue, type CatalogueEntry, readCatalogue, toKept } from '../../lib/backups/catalogue.ts';
import { foresee } from '../../lib/backups/foresee.ts';
import { POLICY, type Policy } from '../../lib/backups/retention.ts';
import { type RetentionRecord, retentionKey, retentionRecord } from '../../lib/backups/retention-record.ts';
import { type Documents, readIfReadable } from '../../lib/documents/documents.ts';

/** A backup with what retention has in mind for it. */
export type Listed = CatalogueEntry & {
  verified: 'yes' | 'no' | 'damaged' | 'changed';
  /** When it goes at the earliest; `never` while it is held without an end. */
  expires: string;
  /** Why it is still there. */
  because: string;
};

export type Backups = Omit<Catalogue, 'backups'> & {
  database: string;
  bucket: string;
  at: Date;
  backups: Listed[];
  /** That of the last expiring; without one the default. */
  policy: Policy;
  lastExpiring: RetentionRecord | null;
};

/** The backups of a database as S3 alone tells of them. */
export async function readBackups(documents: Documents, database: string, at: Date): Promise<Backups> {
  const [catalogue, record] = await Promise.all([
    readCatalogue(documents),
    readIfReadable(documents, retentionKey(database), retentionRecord),
  ]);
  const policy = record.value?.policy ?? POLICY;
  const foreseen = foresee(catalogue.backups.map(toKept), policy, at);
  const backups = catalogue.backups.map((entry) => {
    const { expires = 'never', because = '' } = foreseen.get(entry.id) ?? {};
    return { ...entry, verified: verifiedOf(entry), expires, because };
  });
  return { ...catalogue, database, bucket: documents.bucket, at, backups, policy, lastExpiring: record.value };
}

function verifiedOf({ verification, changed }: CatalogueEntry): Listed['verified'] {
  if (changed.length > 0) return 'changed';
  if (verification === null) return 'no';
  return verification.result === 'verified' ? 'yes' : 'damaged';
}
