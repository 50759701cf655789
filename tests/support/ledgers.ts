import { setTimeout as pause } from 'node:timers/promises';
import type pg from 'pg';

/** Tables that clients write: events belong to items and go with them. */
export const LEDGER_TABLES = `
create table items (id bigint primary key, owner integer not null, note text);
create table events (id bigint primary key, item bigint not null references items on delete cascade, what text);
insert into items select id, id / 100, 'old' from generate_series(0, 399) id;
`;

/** What a row may be: its text, or null for gone. More than one where the last answer was lost. */
type States = (string | null)[];

/** Clients that write all the time, and what the server told each of them. */
export type Ledgers = {
  /** Of all clients, by `table id`. */
  rows: Map<string, States>;
  /** When writes were acknowledged, and when a client was turned away. */
  acknowledged: number[];
  refused: number[];
  /** Rows as the clients knew them at that time. */
  at(time: number): Map<string, States>;
  stop(): Promise<void>;
};

const PACE_MS = 10;
const AGAIN_MS = 100;
const STUBBORN_MS = 10;

/**
 * Starts clients that make, change and delete rows, each its own, each as long as its session lasts; then it begins anew with other rows. The
 * last one sets its sessions read-write and comes back at once.
 *
 * @param options.earlier as many sessions had been there before, whose rows are still there
 */
export function startLedgers(connect: () => Promise<pg.Client>, { clients = 4, earlier = 0 } = {}): Ledgers {
  const [acknowledged, refused]: number[][] = [[], []];
  const history: { at: number; key: string; state: string | null; isKnown: boolean }[] = [];
  let [isOver, sessions] = [false, earlier];
  const opened = new Map<number, number>();
  const note = (writes: [string, string | null][], isKnown: boolean) => {
    const at = Date.now();
    if (isKnown) acknowledged?.push(at);
    history.push(...writes.map(([key, state]) => ({ at, key, state, isKnown })));
  };
  const write = async (client: pg.Client, owner: number, isStubborn: boolean) => {
    if (isStubborn) await client.query('set default_transaction_read_only = off');
    sessions += 1;
    const [first, before] = [sessions * 1_000_000, opened.get(owner) ?? 0];
    opened.set(owner, before + 1);
    for (let at = 0; !isOver; at += 1) {
      const [sql, writes] = nextWrite({
        id: first + at,
        at,
        owner,
        old: owner * 100 + ((before * 10 + (at % 10)) % 100),
      });
      try {
        await client.query(isStubborn ? `begin read write; ${sql.replace(/^begin; |; commit$/g, '')}; commit` : sql);
      } catch (error) {
        note(writes, false);
        throw error;
      }
      note(writes, true);
      await pause(PACE_MS);
    }
  };
  const serve = async (owner: number) => {
    const isStubborn = owner === clients - 1;
    while (!isOver) {
      let client: pg.Client | null = null;
      try {
        client = await connect();
        await write(client, owner, isStubborn);
      } catch {
        refused?.push(Date.now());
        await pause(isStubborn ? STUBBORN_MS : AGAIN_MS);
      } finally {
        await client?.end().catch(() => undefined);
      }
    }
  };
  const over = Promise.all(Array.from({ length: clients }, (_, owner) => serve(owner)));
  const at = (time: number) => statesOf(history.filter((one) => one.at <= time));
  return {
    ...{ acknowledged: acknowledged ?? [], refused: refused ?? [], at },
    get rows() {
      return at(Number.POSITIVE_INFINITY);
    },
    async stop() {
      isOver = true;
      await over;
    },
  };
}

/** Mostly new rows; some of the session's own are changed or deleted, and some that were there before are changed again and again. */
function nextWrite(next: { id: number; at: number; owner: number; old: number }): [string, [string, string | null][]] {
  const { id, at, owner, old } = next;
  const earlier = id - 4;
  const change = (row: number, note: string): [string, [string, string]] => [
    `update items set note = '${note}' where id = ${row}`,
    [`items ${row}`, note],
  ];
  if (at % 7 === 5) {
    const gone: [string, null][] = [
      [`items ${earlier}`, null],
      [`events ${earlier}`, null],
    ];
    return [`delete from items where id = ${earlier}`, gone];
  }
  if (at % 3 === 2) {
    // Four before, a row was made, but for those that a deletion stands in the place of.
    const [sql, write] = at > 4 && (at - 4) % 7 !== 5 ? change(earlier, `changed ${at}`) : change(old, `changed ${id}`);
    return [sql, [write]];
  }
  const sql = `with item as (insert into items values (${id}, ${owner}, 'new') returning id)
    insert into events select id, id, 'made' from item`;
  const made: [string, string][] = [
    [`items ${id}`, 'new'],
    [`events ${id}`, 'made'],
  ];
  if (at % 5 !== 4) return [sql, made];
  const [changeOld, write] = change(old, `with ${id}`);
  return [`begin; ${sql}; ${changeOld}; commit`, [...made, write]];
}

function statesOf(history: readonly { key: string; state: string | null; isKnown: boolean }[]): Map<string, States> {
  const rows = new Map<string, States>();
  for (const { key, state, isKnown } of history)
    rows.set(key, isKnown ? [state] : [...(rows.get(key) ?? [null]), state]);
  return rows;
}

/** What the database has of these tables, by `table id`. */
export async function readLedgerTables(client: Pick<pg.Client, 'query'>): Promise<Map<string, string>> {
  const { rows } = await client.query<{ key: string; state: string }>(
    `select 'items ' || id as key, note as state from items union all select 'events ' || id, what from events`,
  );
  return new Map(rows.map(({ key, state }) => [key, state]));
}

/** Rows that are not as the ledgers have them. */
export function differingRows(rows: ReadonlyMap<string, States>, found: ReadonlyMap<string, string>): string[] {
  return [...rows].flatMap(([key, states]) => (states.includes(found.get(key) ?? null) ? [] : [key]));
}
