import type { Client } from 'pg';

const COLUMNS =
  'id, a, aa, j, jb, b, num, real4, real8, tz, ts, d, t, iv, m, ms, r, mr, p, ps, c, x, ch, vc, bits, ip, pos, one, tsv, pt, flag, txt';

const ODD = `E'quo''te \\\\ back\\nline \\t "double" \\u2028 \\U0001F600 $1 %s --'`;

/** A value of each type that is hard to print or to read back. */
const ROW = `array[1, null, -3], array[array['a,b', 'NULL'], array['', '"{}"']], '{"a" :  1, "a": 2}', '{"b": [1, 2.50]}',
  '\\x00ff5c27', 'NaN', 'Infinity', 1e-308, 'infinity', '0044-03-15 BC', '-infinity', '23:59:59.999999',
  '1 year -2 days 03:04:05.000001', 'it''s ok', array['sad', 'it''s ok']::app.mood[], '(,5]', '{[2020-01-01,2020-02-01)}',
  row(1, ${ODD}), array[row(null, 'a "b" (c),'), row(2, null)]::app.pair[], -12345678.90, '<a b="c">&amp;</a>', 'ab ',
  'x  ', b'0101', '::1/64', 5, 'z', 'a:1A fat:2', '(0.1,-0)', null`;

export async function fillTypes(client: Client): Promise<void> {
  for (const id of [1, 2, 3, 4]) await client.query(`insert into app.types (${COLUMNS}) values (${id}, ${ROW}, 'old')`);
}

/** Others change one row, remove one, and add one. */
export async function writeTypes(client: Client): Promise<void> {
  await client.query(
    `update app.types set txt = ${ODD}, num = 0.10, real8 = 'NaN', tz = '-infinity', ch = ' c' where id = 2`,
  );
  await client.query('delete from app.types where id = 3');
  await client.query(`insert into app.types (${COLUMNS}) values (5.50, ${ROW}, ${ODD})`);
  await client.query('insert into app.types (id) values (6)');
}
