import { expect, test } from '@jest/globals';
import type { Client } from 'pg';
import { migrateAll, useServer } from './postgres.ts';

const { withDatabase } = useServer();

const withCarthub = <T>(use: (client: Client) => Promise<T>): Promise<T> =>
  withDatabase(async (client) => {
    await migrateAll(client);
    await client.query(`
      insert into carts (customer_id) values ('ada');
      insert into cart_items (cart_id, product_id, product_name, price, quantity) values (1, 'p1', 'Pen', 1.50, 2);
      insert into orders (customer_id, total_amount) values ('ada', 3.00);
      insert into order_items (order_id, product_id, product_name, price, quantity) values (1, 'p1', 'Pen', 1.50, 2);`);
    return use(client);
  });

const ITEM = 'insert into cart_items (cart_id, product_id, product_name, price, quantity) values';
const ORDER = 'insert into orders (customer_id, total_amount, status) values';

test.each([
  {
    what: 'a second cart of a customer',
    rule: 'carts_customer_id_key',
    sql: `insert into carts (customer_id) values ('ada')`,
  },
  {
    what: 'a product twice in a cart',
    rule: 'cart_items_cart_id_product_id_key',
    sql: `${ITEM} (1, 'p1', 'Pen', 1, 1)`,
  },
  { what: 'an item of no cart', rule: 'cart_items_cart_id_fkey', sql: `${ITEM} (99, 'p2', 'Ink', 1, 1)` },
  { what: 'a free item', rule: 'check_positive_price', sql: `${ITEM} (1, 'p2', 'Ink', 0, 1)` },
  { what: 'a negative price', rule: 'check_positive_price', sql: `${ITEM} (1, 'p2', 'Ink', -0.01, 1)` },
  { what: 'a quantity of none', rule: 'check_positive_quantity', sql: `${ITEM} (1, 'p2', 'Ink', 1, 0)` },
  { what: 'an order of nothing', rule: 'check_positive_total', sql: `${ORDER} ('ada', 0, 'pending')` },
  { what: 'an unknown status', rule: 'check_valid_status', sql: `${ORDER} ('ada', 1, 'lost')` },
  {
    what: 'an item of no order',
    rule: 'order_items_order_id_fkey',
    sql: `insert into order_items (order_id, product_id, product_name, price, quantity) values (99, 'p1', 'Pen', 1, 1)`,
  },
])('refuses $what, by $rule', async ({ sql, rule }) => {
  await withCarthub(async (client) => {
    await expect(client.query(sql)).rejects.toMatchObject({ constraint: rule });
  });
});

test.each([
  { what: 'a cart without customer', sql: 'insert into carts (customer_id) values (null)', column: 'customer_id' },
  { what: 'an item without price', sql: `${ITEM} (1, 'p2', 'Ink', null, 1)`, column: 'price' },
  { what: 'an order without total', sql: `${ORDER} ('ada', null, 'pending')`, column: 'total_amount' },
])('refuses $what, by NOT NULL', async ({ sql, column }) => {
  await withCarthub(async (client) => {
    await expect(client.query(sql)).rejects.toMatchObject({ code: '23502', column });
  });
});

test('takes every one of the five states, and pending when none is named', async () => {
  await withCarthub(async (client) => {
    for (const status of ['pending', 'processing', 'shipped', 'delivered', 'cancelled']) {
      await client.query(`${ORDER} ('ada', 1, $1)`, [status]);
    }
    const { rows } = await client.query('select status from orders where id = 1');
    expect(rows).toEqual([{ status: 'pending' }]);
  });
});

test.each(['carts', 'cart_items', 'orders'])(
  'an UPDATE of %s moves updated_at, whatever the service sent',
  async (table) => {
    await withCarthub(async (client) => {
      const read = async (): Promise<{ updated: Date; created: Date }> => {
        const { rows } = await client.query(`select updated_at as updated, created_at as created from ${table}`);
        return rows[0];
      };
      const before = await read();
      await client.query(`update ${table} set updated_at = '1970-01-01'`);
      const after = await read();
      expect(after.updated.getTime()).toBeGreaterThan(before.updated.getTime());
      expect(after.created).toEqual(before.created);
    });
  },
);

test.each([
  { parent: 'carts', child: 'cart_items' },
  { parent: 'orders', child: 'order_items' },
])('deleting one of the $parent deletes its $child', async ({ parent, child }) => {
  await withCarthub(async (client) => {
    await client.query(`delete from ${parent} where id = 1`);
    const { rows } = await client.query(`select count(*)::int as left from ${child}`);
    expect(rows).toEqual([{ left: 0 }]);
  });
});
