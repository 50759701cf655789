import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readDocument } from '../../../lib/schema/describe.ts';
import { renderPage } from '../../../lib/schema/page.ts';
import { parseDocument } from '../../../lib/schema/parse-document.ts';
import { withDatabase } from '../../support/postgres.ts';
import { SCHEMAS, type SchemaServer, startSchemaServer } from '../../support/schemas.ts';

let postgres: SchemaServer;
beforeAll(async () => {
  postgres = await startSchemaServer();
});
afterAll(() => postgres.stop());

const pageOf = async (schema: string) =>
  renderPage(
    await withDatabase(await postgres.database(schema), (client) => readDocument(client, { migrator: 'postgres' })),
  );

test('the page of Carthub shows its tables, their columns, and what points where', async () => {
  const page = await pageOf('carthub');
  expect(page).toContain(
    '```mermaid\nerDiagram\n  "carts" ||--o{ "cart_items" : "cart_id"\n  "orders" ||--o{ "order_items" : "order_id"\n```',
  );
  expect(page).toContain(`### \`cart_items\`

| column | type | null | default | comment |
| --- | --- | --- | --- | --- |
| \`id\` | \`integer\` |  | \`nextval('public.cart_items_id_seq'::regclass)\` |  |
| \`cart_id\` | \`integer\` | yes |  |  |
| \`product_id\` | \`character varying(255)\` |  |  |  |
| \`product_name\` | \`character varying(255)\` |  |  |  |
| \`price\` | \`numeric(10,2)\` |  |  |  |
| \`quantity\` | \`integer\` |  | \`1\` |  |
| \`created_at\` | \`timestamp without time zone\` | yes | \`CURRENT_TIMESTAMP\` |  |
| \`updated_at\` | \`timestamp without time zone\` | yes | \`CURRENT_TIMESTAMP\` |  |

Keys and checks:

- \`cart_items_cart_id_fkey\`: \`FOREIGN KEY (cart_id) REFERENCES public.carts(id) ON DELETE CASCADE\`
`);
  expect(page).toContain('Points to:\n\n- `cart_id` → [`carts`](#carts) `id`, on delete cascade');
  expect(page).toContain('Pointed to by:\n\n- [`cart_items`](#cart_items) `cart_id` → `id`, on delete cascade');
  expect(page).toContain('### `update_updated_at_column()`\n\n```sql\nCREATE OR REPLACE FUNCTION');
});

test('every table, column and comment of every style of schema is on its page, and the page has no open table', async () => {
  for (const schema of SCHEMAS.keys()) {
    const page = await pageOf(schema);
    const cells = page.split('\n').filter((line) => line.startsWith('| '));
    for (const line of cells) expect(line.split(/(?<!\\)\|/).length).toBe(7);
  }
  const page = await pageOf('rich');
  expect(page).toContain('| `bio` | `text` | yes | `compression pglz` | What they say.<br>In two lines. |');
  expect(page).toContain('| `upper_name` | `text` | yes | `generated always as (upper((name)::text)) stored` |  |');
  expect(page).toContain('| `n` | `integer` |  | `inherited` |  |');
  expect(page).toContain('`partition by RANGE (at)`');
});

test('what a comment holds cannot break the page', () => {
  const document = parseDocument(
    `# carthub-db schema, format 1\n\ntable public.t\n  comment <b>*bold*</b> | [x](y)\n  column a text\n    comment a | b\n    |second \`line\``,
    'test',
  );
  expect(renderPage(document)).toContain('\\<b\\>\\*bold\\*\\</b\\> | \\[x\\](y)');
  expect(renderPage(document)).toContain('| `a` | `text` | yes |  | a \\| b<br>second \\`line\\` |');
});
