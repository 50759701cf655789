import type { Documents } from '../documents/documents.ts';
import { readLease } from './store.ts';

/** Whether the execution has the lease of the database: a restore takes it from a backup, which sees it here. */
export async function holdsLease(documents: Documents, database: string, execution: string): Promise<boolean> {
  return (await readLease(documents, database))?.holder?.execution === execution;
}
