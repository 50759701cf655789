import type { Client } from 'pg';

const WORDS = `the parcel was left with a neighbour who lives at the back of the house and asked for an invoice with the name of her company
please deliver after six in the evening or on saturday customer wants to return one shirt because the colour is not as shown in the shop voucher
was not accepted at first payment failed twice then went through by card address corrected by phone gift wrapping requested for both items`;

const CITIES =
  "array['Hamburg', 'Lisboa', 'Kraków', 'Lyon', 'Torino', 'Gent', 'Malmö', 'Graz', 'Sevilla', 'Utrecht', 'Brno', 'Porto']";

/** Orders of a shop: about 700 bytes a row, of uuid, text and jsonb, which gzip makes three to five times smaller. */
export async function fill(client: Client, megabytes: number): Promise<void> {
  await client.query(`
    create table orders (id uuid primary key, customer uuid not null, status text not null, note text not null, items jsonb not null,
      address jsonb not null, at timestamptz not null);
    create table customers (id bigint generated always as identity primary key, name text, created timestamptz default now());
    insert into customers (name) select 'customer ' || n from generate_series(1, 10000) n;
    create function item(n bigint) returns jsonb immutable language sql return jsonb_build_object('sku', 'SKU-' || n % 9973,
      'title', 'Article ' || n % 9973, 'quantity', 1 + n % 3, 'unitPrice', (n % 20000) / 100.0, 'currency', 'EUR', 'giftWrapped', n % 5 = 0);
    create table words (n int primary key, word text not null)`);
  await client.query(
    `insert into words select n, word from unnest(regexp_split_to_array($1, '\\s+')) with ordinality as w(word, n)`,
    [WORDS],
  );
  const rows = Math.round((megabytes * 1024 * 1024) / 690);
  const each = 100_000;
  for (let at = 0; at < rows; at += each) {
    await client.query(
      `insert into orders
       select gen_random_uuid(), md5((g % 50000)::text)::uuid, (array['paid', 'shipped', 'open', 'returned'])[1 + g % 4], note,
         jsonb_build_array(item(g), item(g * 31 + 7)),
         jsonb_build_object('street', 'Street ' || g % 997, 'number', g % 180, 'city', (${CITIES})[1 + g % 12], 'postcode', 10000 + g % 89000),
         timestamptz '2026-01-01' + g * interval '1 second'
       from generate_series($1::bigint, $2::bigint) g, lateral (
         select string_agg(word, ' ') as note from (select 1 + (random() * 80)::int as n from generate_series(1, 24 + g % 1)) r join words using (n)) n`,
      [at, Math.min(at + each, rows) - 1],
    );
  }
  await client.query('vacuum analyze');
}
