import type { ClientBase } from 'pg';
import * as z from 'zod/mini';
import { qualifiedName } from '../postgres/identifier.ts';
import type { Sides } from './survey.ts';
import type { Survey } from './table.ts';

const state = z.object({ value: z.string(), called: z.boolean(), increment: z.string(), cycle: z.boolean() });

/** Moves the copy's sequence to where the live one stands, if that is further on. Returns whether it moved. */
export async function moveSequence({ live, copy }: Sides, sequence: Survey['sequences'][number]): Promise<boolean> {
  const [there, here] = [await read(live, sequence), await read(copy, sequence)];
  const way = BigInt(there.increment) < 0n ? -1n : 1n;
  const ahead = (BigInt(there.value) - BigInt(here.value)) * way;
  const same = there.value === here.value && there.called === here.called;
  // A sequence that starts anew at its end has no order.
  const moves = there.cycle ? !same : ahead > 0n || (ahead === 0n && there.called && !here.called);
  if (!moves) return false;
  await copy.query('select setval($1::regclass, $2::bigint, $3)', [
    qualifiedName(sequence.schema, sequence.name),
    there.value,
    there.called,
  ]);
  return true;
}

async function read(client: ClientBase, { schema, name }: Survey['sequences'][number]): Promise<z.infer<typeof state>> {
  const { rows } = await client.query(
    `select q.last_value::text as value, q.is_called as called, s.seqincrement::text as increment, s.seqcycle as cycle
     from ${qualifiedName(schema, name)} q, pg_catalog.pg_sequence s where s.seqrelid = $1::regclass`,
    [qualifiedName(schema, name)],
  );
  return state.parse(rows[0]);
}
