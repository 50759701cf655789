import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EXIT_CODES } from '../../lib/runs/outcome.ts';
import { type Connect, missingFrom, openShop, type Shop } from './shop.ts';

/** Fine on an empty database and in every test: what breaks it is one price in production. */
const BREAKING = `-- carthub: no-transaction
-- Prices in cents. In ten parts, each committed, so that nobody waits for all of it.
ALTER TABLE order_items ADD COLUMN price_cents INTEGER;
DO $$
BEGIN
    FOR part IN 0..9 LOOP
        UPDATE order_items SET price_cents = price * 100 WHERE id % 10 = part;
        COMMIT;
    END LOOP;
END $$;
ALTER TABLE order_items DROP COLUMN price;
`;

/** A thousand orders of before, one of them a large one. */
const ORDERS = `
insert into orders (customer_id, total_amount) select 'customer-' || n, 10 from generate_series(1, 1000) n;
insert into order_items (order_id, product_id, product_name, price, quantity)
select id, 'tea', 'Tea', case id when 505 then 99999999.99 else 4.20 end, 1 from orders`;

const MIGRATIONS = join(import.meta.dirname, '../../migrations');

export type Telling = {
  /** A folder for the migrations of the story, which is not there yet. */
  migrations: string;
  connect: Connect;
  /** Types `carthub-db WORDS` for the story's database, and shows what it says; its exit code. */
  type(shown: 'all' | 'failure', ...words: string[]): Promise<number | null>;
  say(text: string): void;
};

/**
 * A migration breaks in the middle while customers write, and the database is put back without losing what they wrote. True when it went so.
 */
export async function tellStory({ migrations, connect, type, say }: Telling): Promise<boolean> {
  await cp(MIGRATIONS, migrations, { recursive: true });
  say("A database with Carthub's eleven migrations, and a thousand orders in it.");
  if ((await type('failure', 'migrate', '--migrations', migrations)) !== EXIT_CODES.Migrated) return false;
  await connect((query) => query(ORDERS));
  say('Customers fill their carts from here on, all the time, and keep a ledger of what the server said is committed.');
  const shop = openShop(connect);
  let exit: number | null;
  try {
    say(`A migration is written. It is fine on an empty database:\n\n${BREAKING.replaceAll(/^(?=.)/gm, '    ')}`);
    await writeFile(join(migrations, '012.do.prices-in-cents.sql'), BREAKING);
    exit = await type('all', 'migrate', '--migrations', migrations, '--on-failure', 'auto');
  } finally {
    await shop.close();
  }
  const missing = await missingFrom(connect, shop);
  say(ledgerLines(shop, missing).join('\n'));
  await type('all', 'quarantine');
  return exit === EXIT_CODES.FailedRestored && missing.length === 0;
}

const SHOWN = 10;

function ledgerLines(shop: Shop, missing: string[]): string[] {
  const told = missing.length === 0 ? 'None of them is missing or changed.' : `${missing.length} are not as they were:`;
  return [
    `The customers wrote ${shop.ledger.size} carts. ${told}`,
    ...missing.slice(0, SHOWN),
    `The longest that one of them waited for an answer was ${(shop.longestPause() / 1000).toFixed(1)} s; the shop was turned away ${shop.refusals()} times.`,
    'Waits of AWS are 0.02 of the real ones here (--time-scale); SQL, copying and recovery take their own time.',
  ];
}
