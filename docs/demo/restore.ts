import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunningCloud, startCloud } from '../../cli/local-cloud/start.ts';
import { withLocalStack } from '../../cli/stack/stack.ts';
import { parseDatabaseSecret } from '../../lib/postgres/connect.ts';
import { EXIT_CODES } from '../../lib/runs/outcome.ts';
import { type Connect, connectTo, missingFrom, openShop, type Shop } from './shop.ts';

/**
 * The story of a restore, on a local cloud of its own in a temporary folder: a migration breaks in the middle while customers write, and
 * the database is put back without losing what they wrote. `npm run demo:restore`. Nothing is left behind.
 */

const ROOT = join(import.meta.dirname, '../..');
const BIN = join(ROOT, 'cli/bin.js');

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

const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => interruption.abort(new Error(`Ended by ${signal}.`)));
}

const startedAt = Date.now();
const home = await mkdtemp(join(tmpdir(), 'carthub-db-demo-'));
const opened: { cloud: RunningCloud | null; shop: Shop | null } = { cloud: null, shop: null };
try {
  // PostgreSQL runs as another user when we are root.
  await chmod(home, 0o755);
  process.exitCode = (await tell()) ? 0 : 1;
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
} finally {
  await opened.shop?.close();
  await opened.cloud?.stop();
  await rm(home, { recursive: true, force: true });
}

/** Whether the story went as it is told. */
async function tell(): Promise<boolean> {
  const [data, migrations] = [join(home, 'data'), join(home, 'migrations')];
  await mkdir(data, { mode: 0o755 });
  await cp(join(ROOT, 'migrations'), migrations, { recursive: true });
  say("A database with Carthub's eleven migrations, and a thousand orders in it.");
  const { signal: interrupted } = interruption;
  const cloud = await startCloud({ data, timeScale: null, port: null, onLine: () => undefined, interrupted });
  opened.cloud = cloud;
  const where = ['--local', '--data', data];
  if ((await carthubDb(false, 'migrate', ...where, '--migrations', migrations)) !== EXIT_CODES.Migrated) return false;
  const connect = await connection(cloud);
  await connect((query) => query(ORDERS));

  say('Customers fill their carts from here on, all the time, and keep a ledger of what the server said is committed.');
  const shop = openShop(connect);
  opened.shop = shop;
  say(`A migration is written. It is fine on an empty database:\n\n${BREAKING.replaceAll(/^/gm, '    ')}`);
  await writeFile(join(migrations, '012.do.prices-in-cents.sql'), BREAKING);
  const exit = await carthubDb(true, 'migrate', ...where, '--migrations', migrations, '--on-failure', 'auto');
  await shop.close();
  const missing = await missingFrom(connect, shop);

  say(
    [
      `The customers wrote ${shop.ledger.size} carts. ${missing.length === 0 ? 'None of them is missing or changed.' : `${missing.length} are not as they were:`}`,
      ...missing.slice(0, 10),
      `The longest that one of them waited for an answer was ${(shop.longestPause() / 1000).toFixed(1)} s; the shop was turned away ${shop.refusals()} times.`,
      'Waits of AWS are 0.02 of the real ones here (--time-scale); SQL, copying and recovery take their own time.',
    ].join('\n'),
  );
  await carthubDb(true, 'quarantine', ...where);
  const isGood = exit === EXIT_CODES.FailedRestored && missing.length === 0;
  say(
    isGood
      ? `Put back, and nothing lost. All of it took ${seconds()} s.`
      : `This is not how it should have ended (exit ${exit}, after ${seconds()} s).`,
  );
  return isGood;
}

async function connection({ cloud: described }: RunningCloud): Promise<Connect> {
  const secret = await withLocalStack({ cloud: described, database: 'carthub' }, (stack) =>
    stack.secret(stack.names.secret),
  );
  return connectTo(parseDatabaseSecret(secret), await readFile(described.databaseCaFile, 'utf8'));
}

/** Runs the command as a person would; its exit code. */
async function carthubDb(isShown: boolean, ...words: string[]): Promise<number | null> {
  interruption.signal.throwIfAborted();
  process.stderr.write(`$ npx carthub-db ${words.join(' ')}\n`);
  const child = spawn(process.execPath, [BIN, ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
  const said: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => (isShown ? process.stderr.write(chunk) : said.push(chunk)));
  }
  const end = () => child.kill('SIGINT');
  interruption.signal.addEventListener('abort', end);
  const [code] = await once(child, 'close');
  interruption.signal.removeEventListener('abort', end);
  interruption.signal.throwIfAborted();
  if (!isShown && code !== 0) process.stderr.write(Buffer.concat(said));
  return typeof code === 'number' ? code : null;
}

function say(text: string): void {
  process.stderr.write(`\n== ${seconds().padStart(4)} s  ${text}\n`);
}

function seconds(): string {
  return ((Date.now() - startedAt) / 1000).toFixed(0);
}
