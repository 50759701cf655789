import { setTimeout as pause } from 'node:timers/promises';
import { type Credentials, withClient } from '../../lib/postgres/connect.ts';

type Query = (sql: string, values?: unknown[]) => Promise<Record<string, unknown>[]>;
export type Connect = <T>(use: (query: Query) => Promise<T>) => Promise<T>;

/** Customers who fill their carts for as long as the demo goes on, and a ledger of what the server told them is committed. */
export type Shop = {
  /** What the last word of the server was, by cart: its customer and how many of the one product lie in it. */
  ledger: Map<number, { customer: string; quantity: number }>;
  /** The longest time between two answers, in milliseconds. */
  longestPause(): number;
  refusals(): number;
  close(): Promise<void>;
};

const PACE_MS = 10;
const AGAIN_MS = 50;

/** A connection as the services of the shop make it: by the database's own address, verified. */
export function connectTo(credentials: Credentials, ca: string): Connect {
  return (use) =>
    withClient({ credentials, ca, applicationName: 'shop', connectTimeoutMs: 5_000 }, (client) =>
      use(async (sql, values = []) => (await client.query(sql, values)).rows),
    );
}

/** Opens the shop; it reconnects whenever it is turned away. A shop that is opened again needs customers of another name. */
export function openShop(connect: Connect, name = 'customer'): Shop {
  const ledger: Shop['ledger'] = new Map();
  let [isOpen, refusals, longest, last, customers] = [true, 0, 0, Date.now(), 0];
  const answered = () => {
    longest = Math.max(longest, Date.now() - last);
    last = Date.now();
  };
  const serve = async (query: Query) => {
    for (customers += 1; isOpen; customers += 1) {
      const customer = `${name}-${customers}`;
      const [cart] = await query(
        `with cart as (insert into carts (customer_id) values ($1) returning id)
         insert into cart_items (cart_id, product_id, product_name, price, quantity)
         select id, 'tea', 'Tea', 4.20, 1 from cart returning cart_id`,
        [customer],
      );
      const id = Number(cart?.cart_id);
      ledger.set(id, { customer, quantity: 1 });
      answered();
      // Every third customer takes one more.
      if (customers % 3 === 0) {
        await query('update cart_items set quantity = 2 where cart_id = $1', [id]);
        ledger.set(id, { customer, quantity: 2 });
        answered();
      }
      await pause(PACE_MS);
    }
  };
  const work = async () => {
    while (isOpen) {
      try {
        await connect(serve);
      } catch (error) {
        // Turned away: frozen, or the name is changing hands.
        if (!(error instanceof Error)) throw error;
        refusals += 1;
        await pause(AGAIN_MS);
      }
    }
  };
  const closed = work();
  return {
    ledger,
    longestPause: () => longest,
    refusals: () => refusals,
    async close() {
      isOpen = false;
      await closed;
    },
  };
}

/** What the ledger holds and the database does not have as it is. */
export async function missingFrom(connect: Connect, { ledger }: Shop): Promise<string[]> {
  const rows = await connect((query) =>
    query('select c.id, customer_id, quantity from carts c left join cart_items i on i.cart_id = c.id'),
  );
  const found = new Map(rows.map(({ id, customer_id, quantity }) => [Number(id), `${customer_id} has ${quantity}`]));
  return [...ledger].flatMap(([id, { customer, quantity }]) => {
    const there = found.get(id) ?? 'nothing';
    // The answer to a last change may have been lost: then the database has more than the ledger.
    return there === `${customer} has ${quantity}` || there === `${customer} has ${quantity + 1}`
      ? []
      : [`cart ${id}: ${customer} has ${quantity}; the database: ${there}`];
  });
}
