import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Client } from 'pg';
import type { Credentials } from '../../../lib/postgres/credentials.ts';
import { type Check, holdsAt } from '../../../lib/schema/checks/check.ts';
import { CheckFileError, readCheck } from '../../../lib/schema/checks/read-check.ts';
import { runChecks } from '../../../lib/schema/checks/run-checks.ts';
import { carthubChecks, migrate, NEWEST } from '../../support/checks.ts';
import { startPostgres, type TestPostgres, withDatabase } from '../../support/postgres.ts';

let postgres: TestPostgres;
let carthub: Credentials;
let checks: Check[];
beforeAll(async () => {
  postgres = await startPostgres();
  carthub = await postgres.freshDatabase();
  checks = await carthubChecks();
  await withDatabase(carthub, (client) => migrate(client, { above: 0, to: NEWEST }));
});
afterAll(() => postgres.stop());

const failures = async (client: Client, some: readonly Check[]) =>
  (await runChecks(client, some, 'test database')).flatMap(({ file, outcomes }) =>
    outcomes.filter(({ passed }) => !passed).map(({ says, problem }) => `${file}: ${says}: ${problem?.message}`),
  );

test('each check of Carthub holds from its first version on, and none before', async () => {
  await withDatabase(await postgres.freshDatabase(), async (client) => {
    const light = checks.filter(({ steps }) => !steps.some(({ must }) => must.end === 'reported'));
    for (let version = 0; version < NEWEST; version += 1) {
      const next = light.filter(({ from }) => from === version + 1);
      expect((await runChecks(client, next, 'test database')).filter(({ passed }) => passed)).toEqual([]);
      await migrate(client, { above: version, to: version + 1 });
      expect(await failures(client, next)).toEqual([]);
    }
    expect(
      await failures(
        client,
        checks.filter((check) => holdsAt(check, NEWEST)),
      ),
    ).toEqual([]);
    const { rows } = await client.query(
      'select (select count(*) from carts) + (select count(*) from orders) + (select count(*) from cart_items) + (select count(*) from order_items) as left',
    );
    expect(rows).toEqual([{ left: '0' }]);
  });
});

test.each<[sql: string, file: string, said: string]>([
  [
    'alter table cart_items drop constraint check_positive_price',
    'cart-items-positive.sql',
    'a price of nothing: It was taken, and should be refused with 23514.',
  ],
  [
    'alter table cart_items drop constraint check_positive_quantity',
    'cart-items-positive.sql',
    'none of it: It was taken, and should be refused with 23514.',
  ],
  [
    'alter table cart_items drop constraint cart_items_cart_id_product_id_key',
    'cart-items.sql',
    'a second item of the same product: It was taken, and should be refused with 23505.',
  ],
  [
    'alter table carts drop constraint carts_customer_id_key',
    'carts.sql',
    'a second cart of the same customer: It was taken, and should be refused with 23505.',
  ],
  [
    'alter table orders drop constraint check_positive_total',
    'orders-valid.sql',
    'an order of nothing: It was taken, and should be refused with 23514.',
  ],
  [
    'alter table orders drop constraint check_valid_status',
    'orders-valid.sql',
    'a state that nobody knows: It was taken, and should be refused with 23514.',
  ],
  [
    'alter table orders rename constraint check_valid_status to other',
    'orders-valid.sql',
    'a state that nobody knows: It was refused by other, not by check_valid_status: ',
  ],
  [
    'alter table orders disable trigger update_orders_updated_at',
    'updated-at.sql',
    'of an order: It returned [{"?column?":false}], and should return one row with true.',
  ],
  [
    'drop trigger update_carts_updated_at on carts',
    'updated-at.sql',
    'of a cart: It returned [{"?column?":false}], and should return one row with true.',
  ],
  [
    'alter table cart_items drop constraint cart_items_cart_id_fkey; alter table cart_items add constraint cart_items_cart_id_fkey foreign key (cart_id) references carts on delete set null',
    'cart-items.sql',
    'the items went with their cart: ',
  ],
  [
    'drop index idx_orders_status',
    'hot-orders.sql',
    'the orders that are being worked on: public.orders is read by Seq Scan',
  ],
  [
    'drop index idx_orders_created_at',
    'hot-orders-by-date.sql',
    'the orders of a day: public.orders is read by Seq Scan',
  ],
  [
    'drop index idx_cart_items_product_id',
    'hot-carts.sql',
    'the carts that a product lies in: public.cart_items is read by Seq Scan',
  ],
  ['drop table order_items', 'order-items.sql', 'what it prepares: relation "order_items" does not exist'],
])('after %s, %s says what no longer holds', async (sql, file, said) => {
  await withDatabase(await postgres.freshDatabase(), async (client) => {
    await migrate(client, { above: 0, to: NEWEST });
    await client.query(sql);
    const found = await failures(
      client,
      checks.filter((one) => one.file === file),
    );
    expect(found).toContainEqual(expect.stringContaining(`${file}: ${said}`));
  });
});

const check = (body: string, header = '-- versions: 1..\n-- A check') => readCheck('made.sql', `${header}\n\n${body}`);

test('what one promise was tried with is not there for the next; what was prepared is', async () => {
  await withDatabase(carthub, async (client) => {
    const made = await check(`INSERT INTO carts (id, customer_id) VALUES (-1, 'a');
      -- refuses 23505: nothing, for it is taken
      INSERT INTO carts (id, customer_id) VALUES (-2, 'b');
      -- holds: only what was prepared is there
      SELECT array_agg(id) = '{-1}' FROM carts;
      -- refuses 42703: a column that is not there
      SELECT nothing FROM carts;
      -- holds: and the rest goes on
      SELECT true;`);
    const [result] = await runChecks(client, [made], 'test database');
    expect(result?.outcomes.map(({ says, passed }) => `${passed} ${says}`)).toEqual([
      'false nothing, for it is taken',
      'true only what was prepared is there',
      'true a column that is not there',
      'true and the rest goes on',
    ]);
    expect(result?.outcomes[0]?.problem?.place).toMatchObject({ file: 'made.sql', line: 6, column: 7 });
  });
});

test('a report keeps its rows, and is no promise that can be broken', async () => {
  await withDatabase(carthub, async (client) => {
    const results = await runChecks(
      client,
      checks.filter(({ file }) => file === 'index-usage.sql'),
      'real database',
    );
    expect(results).toMatchObject([{ passed: true, outcomes: [{ passed: true }, { passed: true }] }]);
    expect(results[0]?.outcomes[0]?.rows).toContainEqual(
      expect.objectContaining({ table: 'carts', index: 'idx_carts_customer_id', scans: '0' }),
    );
  });
});

test('on a real database only what is marked safe runs, and it cannot write', async () => {
  await withDatabase(carthub, async (client) => {
    const safe = await runChecks(client, checks, 'real database');
    expect(safe.map(({ file }) => file).sort()).toEqual(['index-usage.sql', 'next-numbers.sql']);
    const writes = await check(
      `-- holds: it may write\nINSERT INTO carts (customer_id) VALUES ('a') RETURNING true;`,
      '-- versions: 1..\n-- safe on a real database\n-- No',
    );
    expect(await runChecks(client, [writes], 'real database')).toMatchObject([
      { passed: false, outcomes: [{ problem: { message: expect.stringContaining('read-only transaction') } }] },
    ]);
  });
});

test('an index on a table with few rows proves nothing', async () => {
  await withDatabase(carthub, async (client) => {
    const made = await check(
      `-- uses an index: by number\nSELECT 1 FROM carts WHERE id = 1;\n-- uses an index: no table\nSELECT 1;`,
    );
    expect(await failures(client, [made])).toEqual([
      'made.sql: by number: public.carts has only 0 rows, as far as ANALYZE knows',
      'made.sql: no table: It reads no table.',
    ]);
  });
});

test('a mistake in a query that is explained is shown where it is', async () => {
  await withDatabase(carthub, async (client) => {
    const made = await check('-- uses an index: by what is not there\nSELECT id\nFROM carts WHERE nothing = 1;');
    const [result] = await runChecks(client, [made], 'test database');
    const { line, column, caret } = result?.outcomes[0]?.problem?.place ?? {};
    expect({ line, column, caret }).toEqual({
      ...{ line: expect.any(Number), column: 18 },
      caret: `FROM carts WHERE nothing = 1;\n${' '.repeat(17)}^`,
    });
  });
});

describe('a file of checks', () => {
  test('says for which versions it holds, whether it is safe, and what it is about', async () => {
    const made = await check(
      '-- holds: x\nSELECT true;',
      '-- versions: 3..7\n-- safe on a real database\n-- What it\n-- is about',
    );
    expect(made).toMatchObject({ from: 3, to: 7, safe: true, title: 'What it is about' });
    expect([2, 3, 7, 8].map((version) => holdsAt(made, version))).toEqual([false, true, true, false]);
  });

  test.each([
    ['has no versions', '-- holds: x\nSELECT true;', '-- A check', CheckFileError],
    ['ends before it begins', '-- holds: x\nSELECT true;', '-- versions: 3..2\n-- A check', CheckFileError],
    ['does not say what it is about', '-- holds: x\nSELECT true;', '-- versions: 3..', CheckFileError],
    ['promises nothing', 'INSERT INTO carts DEFAULT VALUES;', '-- versions: 3..\n-- A check', CheckFileError],
    ['misspells a promise', '-- hold: x\nSELECT true;', '-- versions: 3..\n-- A check', CheckFileError],
    [
      'would end the transaction',
      '-- holds: x\nSELECT true; COMMIT;',
      '-- versions: 3..\n-- A check',
      { name: 'TransactionControlError' },
    ],
    ['is no SQL', '-- holds: x\nSELECT FROM WHERE;', '-- versions: 3..\n-- A check', { name: 'MigrationSyntaxError' }],
  ])('that %s is refused', async (_, body, header, error) => {
    const refused = expect(check(body, header)).rejects;
    if (typeof error === 'function') await refused.toBeInstanceOf(error);
    else await refused.toMatchObject(error);
  });
});
