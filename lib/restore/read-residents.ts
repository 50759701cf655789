import type { ClientBase } from 'pg';
import * as z from 'zod/mini';
import { readOtherDatabases } from './other-databases.ts';
import { readWritesByItself } from './writes-by-itself.ts';

/** The slots of physical replicas are RDS's own. */
const SLOTS = `
select format('replication slot %I', slot_name) as what from pg_replication_slots where slot_type = 'logical' order by 1`;

/** What only the database knows of what hangs on it: logical slots, what writes by itself, and what lies beside it. */
export async function readResidents(client: ClientBase): Promise<string[]> {
  const { rows } = await client.query(SLOTS);
  const slots = rows.map((row) => z.object({ what: z.string() }).parse(row).what);
  const others = (await readOtherDatabases(client)).map((name) => `database ${name}`);
  return [...slots, ...(await readWritesByItself(client)), ...others];
}
