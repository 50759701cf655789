import type { ClientBase } from 'pg';
import * as z from 'zod/mini';
import { CarthubError } from '../errors.ts';
import { bigint } from '../postgres/columns.ts';

/** Another holder of the lease has the database by now. This run commits nothing more. */
export class FencedError extends CarthubError {
  override readonly name = 'FencedError';
}

/** Raises the token in the database to `token`, after which nothing that carries a smaller one can commit. @throws FencedError */
export async function raiseFence(client: ClientBase, token: number): Promise<void> {
  const raised = await client.query('update carthub_db.fence set token = $1 where token <= $1', [token]);
  if (raised.rowCount !== 1) throw fenced(token, await readFence(client));
}

/** The token in the database; null when our tables are not there. */
export async function readFence(client: ClientBase): Promise<number | null> {
  const { rows: there } = await client.query(`select to_regclass('carthub_db.fence') as fence`);
  if (there[0]?.fence === null) return null;
  const { rows } = await client.query('select token from carthub_db.fence');
  return z.object({ token: bigint }).safeParse(rows[0]).data?.token ?? null;
}

export function fenced(mine: number, found: number | null): FencedError {
  return new FencedError(
    `This run's token is ${mine}; the database has ${found ?? 'none'}: another run took it over and this one stopped.`,
    { remedy: 'Look at the outcome of the run that holds the lease; start a new one when it is over.' },
  );
}
