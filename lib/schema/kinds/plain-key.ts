/**
 * `pg_get_constraintdef` takes 15 microseconds and opens catalogs that nothing else needs. A plain primary key or unique constraint (up
 * to four columns, nothing set) is put together here in the server's own words; every other constraint is left to the
 * server. A test holds both texts equal.
 */

const POSITIONS = [1, 2, 3, 4] as const;

/** SQL of "nothing about the constraint `k`, whose index is `i`, needs the server's function". */
export const IS_PLAIN_KEY = `(k.contype in ('p', 'u') and k.convalidated and not k.condeferrable and cardinality(k.conkey) <= ${POSITIONS.length}
  and i.indnatts = i.indnkeyatts and not i.indnullsnotdistinct and not i.indisexclusion)`;

/** SQL of what the server prints of a plain key. */
export const PLAIN_KEY = `concat(case k.contype when 'p' then 'PRIMARY KEY (' else 'UNIQUE (' end, concat_ws(', ', ${POSITIONS.map(
  (at) => `case when cardinality(k.conkey) >= ${at} then
    (select quote_ident(attname) from pg_attribute where attrelid = k.conrelid and attnum = k.conkey[${at}]) end`,
).join(', ')}), ')')`;
