/**
 * `pg_get_indexdef` takes 20 to 50 microseconds, which for a schema of many indexes is most of the time of reading it. A plain index
 * (B-tree, up to four named columns, nothing set) is put together here in the server's own words for a fifth of that;
 * every other one is left to the server. A test holds both texts equal.
 */

const POSITIONS = [0, 1, 2, 3] as const;

/**
 * SQL of joins that bring the columns of the index `i` as `column_0` to `column_3`. One look into an index of the catalog each; `offset 0` keeps the
 * planner from reading all columns of all tables instead.
 */
export const INDEX_COLUMNS = POSITIONS.map(
  (at) => `left join lateral (
    select quote_ident(attname) as name, atttypid as type, attcollation as collation
    from pg_attribute where attrelid = i.indrelid and attnum = i.indkey[${at}] and attnum > 0 offset 0
  ) column_${at} on true`,
).join('\n  ');

/**
 * SQL of a join that brings, as `usual.pairs`, the B-tree operator classes that are meant where none is said, each with a type
 * that it is meant for, both in one number.
 */
export const USUAL_CLASSES = `cross join (
    select array_agg(opclass.oid::bigint << 32 | type.oid::bigint) as pairs
    from pg_opclass opclass
    join pg_type type on type.oid = opclass.opcintype or (type.oid = 'varchar'::regtype and opclass.opcintype = 'text'::regtype)
    where opclass.opcmethod = 403 and opclass.opcdefault and opclass.oid < 16384
  ) usual`;

/** SQL of "nothing about the index `i`, whose row in `pg_class` is `c`, needs the server's function". */
export const IS_PLAIN_INDEX = `(c.relam = 403 and i.indnatts <= ${POSITIONS.length} and i.indexprs is null and c.reloptions is null
  and c.reltablespace = 0 and not i.indnullsnotdistinct and ${POSITIONS.map(
    (at) => `(i.indnkeyatts <= ${at} or i.indcollation[${at}] = column_${at}.collation
      and (i.indclass[${at}]::bigint << 32 | column_${at}.type::bigint) = any (usual.pairs))`,
  ).join(' and ')})`;

const ORDER = (at: number) =>
  `case i.indoption[${at}] when 1 then ' DESC NULLS LAST' when 2 then ' NULLS FIRST' when 3 then ' DESC' else '' end`;

/** SQL of what the server prints of a plain index from USING on. */
export const PLAIN_INDEX = `concat('USING btree (', concat_ws(', ', ${POSITIONS.map(
  (at) => `case when i.indnkeyatts > ${at} then column_${at}.name || ${ORDER(at)} end`,
).join(', ')}), ')',
  case when i.indnatts > i.indnkeyatts then concat(' INCLUDE (', concat_ws(', ', ${POSITIONS.map(
    (at) => `case when i.indnkeyatts <= ${at} and i.indnatts > ${at} then column_${at}.name end`,
  ).join(', ')}), ')') end,
  ' WHERE ' || pg_get_expr(i.indpred, i.indrelid))`;
