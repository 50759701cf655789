import type { Client } from 'pg';

/** What a writer knows to be committed: its rows by key, in each table. */
export type Ledger = { items: Map<number, string>; events: Map<string, string>; counted: number };

/** Numbers that a seed decides (mulberry32). */
export function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

/**
 * One session of the application: transactions of random statements on rows that are its own, and on one that is everybody's. Its ledger
 * says what the database must hold when all are done.
 */
export class Writer {
  readonly ledger: Ledger = { items: new Map(), events: new Map(), counted: 0 };
  private readonly client: Client;
  private readonly number: number;
  private readonly pick: (below: number) => number;
  private made = 0;

  constructor(client: Client, number: number, seed: number) {
    this.client = client;
    this.number = number;
    this.pick = random(seed * 1000 + number);
  }

  async open(): Promise<void> {
    await this.client.query('insert into app.owners (id, name) values ($1, $2)', [this.number, `owner ${this.number}`]);
  }

  /** A transaction of some statements; one in four is rolled back, one in four has a savepoint that is. */
  async transact(): Promise<void> {
    const { client, ledger, pick } = this;
    const before = copyOf(ledger);
    await client.query('begin');
    for (let statement = pick(3); statement >= 0; statement -= 1) await this.act();
    if (pick(4) === 0) {
      const middle = copyOf(ledger);
      await client.query('savepoint s');
      await this.act();
      if (pick(2) === 0) {
        await client.query('rollback to s');
        Object.assign(ledger, middle);
      } else await client.query('release s');
    }
    if (pick(4) > 0) await client.query('commit');
    else {
      await client.query('rollback');
      Object.assign(ledger, before);
    }
  }

  private async act(): Promise<void> {
    const { client, number, ledger, pick } = this;
    const ids = [...ledger.items.keys()];
    const id = ids[pick(Math.max(1, ids.length))];
    const events = [...ledger.events.keys()];
    const event = events[pick(Math.max(1, events.length))];
    this.made += 1;
    const text = `${number}/${this.made} '\\ ${String.fromCodePoint(0x1f600 + pick(50))}\n`;
    const what = pick(12);
    if (what < 3 || id === undefined) {
      const { rows } = await client.query<{ id: string }>(
        'insert into app.items (owner, code, n, note) values ($1, $2, $3, $4) returning id',
        [number, `${number}-${this.made}`, this.made, text],
      );
      ledger.items.set(Number(rows[0]?.id), text);
    } else if (what < 5) {
      // Only a column without an index: the new version lies in the same page.
      await client.query('update app.items set note = $2 where id = $1', [id, text]);
      ledger.items.set(id, text);
    } else if (what === 5) {
      await client.query('update app.items set n = n + 1, note = $2 where id = $1', [id, text]);
      ledger.items.set(id, text);
    } else if (what === 6) {
      await client.query('delete from app.items where id = $1', [id]);
      ledger.items.delete(id);
    } else if (what === 7) {
      await client.query('select * from app.items where id = $1 for update', [id]);
      await client.query('update app.owners set favourite = $2 where id = $1', [number, id]);
    } else if (what === 8) {
      // Two rows change what must be unique, by way of a third value.
      const [a, b] = ids;
      if (a !== undefined && b !== undefined) await this.swapCodes(a, b);
    } else if (what === 9 && event !== undefined) {
      // The key changes, and with it the partition.
      await client.query(
        `update "Odd ""Schema"""."Events; drop" set region = case region when 'eu' then 'us' else 'eu' end,
         "value;--" = $2 where "the key" = $1`,
        [event, text],
      );
      ledger.events.set(event, text);
    } else if (what === 10 && event !== undefined) {
      await client.query(`delete from "Odd ""Schema"""."Events; drop" where "the key" = $1`, [event]);
      ledger.events.delete(event);
    } else {
      const key = `00000000-0000-4000-8${String(number).padStart(3, '0')}-${String(this.made).padStart(12, '0')}`;
      await client.query(`insert into "Odd ""Schema"""."Events; drop" values ($1, $2, $3)`, [
        key,
        pick(2) === 0 ? 'eu' : 'us',
        text,
      ]);
      ledger.events.set(key, text);
      await client.query(`update app.counters set n = n + 1 where name = 'all'`);
      ledger.counted += 1;
    }
  }

  private async swapCodes(a: number, b: number): Promise<void> {
    const { rows } = await this.client.query<{ id: string; code: string }>(
      'select id, code from app.items where id in ($1, $2)',
      [a, b],
    );
    const code = new Map(rows.map((row) => [Number(row.id), row.code]));
    const set = (id: number, to: string | undefined) =>
      this.client.query('update app.items set code = $2 where id = $1', [id, to]);
    await set(a, `${this.number} moving`);
    await set(b, code.get(a));
    await set(a, code.get(b));
  }
}

function copyOf({ items, events, counted }: Ledger): Ledger {
  return { items: new Map(items), events: new Map(events), counted };
}
