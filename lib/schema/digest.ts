import type { ClientBase } from 'pg';
import { listSections } from './list.ts';
import { documentDigest } from './section.ts';

/** SHA-256 of the database's whole schema, as its document has it too (`digestOf`). One round trip. */
export async function schemaDigest(client: ClientBase): Promise<string> {
  return documentDigest(await listSections(client, {}));
}
