import { COMMENT, commentOn, isCompared, lines, owner, qualified, when, words } from './fragments.ts';
import { grants } from './grants.ts';
import type { KindQuery } from './kind.ts';

const GRANTS = grants('pg_type', 't', { list: 'typacl', owner: 'typowner' }, 'T');
const NAME = qualified('t.typnamespace', 't.typname');

/** Values in their order, which is what comparisons go by; their numbers, which ADD VALUE BEFORE makes uneven, are left out. */
const VALUES = `(
    select enumtypid, string_agg('value ' || quote_literal(enumlabel), E'\\x1f' order by enumsortorder) as lines, array_agg(xmin) as xids
    from pg_enum group by enumtypid
  ) labels`;

const RANGE = words(
  `'range of ' || format_type(g.rngsubtype, null)`,
  `'operator class ' || (select quote_ident(opcname) from pg_opclass where oid = g.rngsubopc and not opcdefault)`,
  `'collate ' || (select g.rngcollation::regcollation::text from pg_type s where s.oid = g.rngsubtype and s.typcollation <> g.rngcollation)`,
  when('g.rngcanonical <> 0', `'canonical ' || g.rngcanonical::oid::regprocedure::text`),
  when('g.rngsubdiff <> 0', `'difference ' || g.rngsubdiff::oid::regprocedure::text`),
  `'multirange ' || g.rngmultitypid::regtype::text`,
);

const FUNCTIONS = words(
  ...['input', 'output', 'receive', 'send', 'modin', 'modout', 'analyze', 'subscript'].map((name) =>
    when(`t.typ${name} <> 0`, `'${name} ' || t.typ${name}::oid::regprocedure::text`),
  ),
);

const BASE = lines(
  FUNCTIONS,
  words(
    `'length ' || t.typlen`,
    when('t.typbyval', `'by value'`),
    `'alignment ' || t.typalign::text`,
    `'storage ' || t.typstorage::text`,
    `'category ' || t.typcategory::text`,
    when('t.typispreferred', `'preferred'`),
    `'delimiter ' || t.typdelim::text`,
    when('t.typelem <> 0', `'element ' || format_type(t.typelem, null)`),
    when('t.typcollation <> 0', `'collatable'`),
    `'default ' || quote_literal(t.typdefault)`,
  ),
);

/**
 * Enumerations, ranges, base types and shells. Left out: arrays, multiranges and the row types of tables, which the server makes and
 * drops with what they belong to.
 */
export const types: KindQuery = {
  catalog: 'pg_type',
  partOf: null,
  select: `select 'type' as kind, t.oid, 0 as sub, 0::oid as parent, ${NAME} as name,
    ${lines(
      `case when not t.typisdefined then 'shell' when t.typtype = 'e' then concat_ws(E'\\x1f', 'enum', labels.lines)
        when t.typtype = 'r' then ${RANGE} else ${BASE} end`,
      owner('t.typowner'),
      'granted.lines',
      COMMENT,
    )} as text,
    array[t.xmin, g.xmin, comment.xmin] || labels.xids as xids
  from pg_type t
  left join ${VALUES} on labels.enumtypid = t.oid
  left join pg_range g on g.rngtypid = t.oid
  ${commentOn('pg_type', 't.oid')}
  ${GRANTS}
  where (t.typtype in ('e', 'r') or not t.typisdefined
      or t.typtype = 'b' and not exists (select from pg_type element where element.typarray = t.oid))
    and ${isCompared('pg_type', 't', 'typnamespace')}`,
};

/** Types that CREATE TYPE ... AS (...) made. Their OID is that of their row in `pg_class`, to which their columns belong. */
export const compositeTypes: KindQuery = {
  catalog: 'pg_class',
  partOf: null,
  select: `select 'type' as kind, c.oid, 0 as sub, 0::oid as parent, ${NAME} as name,
    ${lines(`'composite'`, owner('t.typowner'), 'granted.lines', COMMENT)} as text,
    array[c.xmin, t.xmin, comment.xmin] as xids
  from pg_class c
  join pg_type t on t.oid = c.reltype
  ${commentOn('pg_type', 't.oid')}
  ${GRANTS}
  where c.relkind = 'c' and ${isCompared('pg_type', 't', 'typnamespace')}`,
};

export const domains: KindQuery = {
  catalog: 'pg_type',
  partOf: null,
  select: `select 'domain' as kind, t.oid, 0 as sub, 0::oid as parent, ${NAME} as name,
    ${lines(
      words(
        'format_type(t.typbasetype, t.typtypmod)',
        when('t.typcollation <> base.typcollation', `'collate ' || t.typcollation::regcollation::text`),
        when('t.typnotnull', `'not null'`),
        `'default ' || pg_get_expr(t.typdefaultbin, 0)`,
      ),
      owner('t.typowner'),
      'granted.lines',
      COMMENT,
    )} as text,
    array[t.xmin, comment.xmin] as xids
  from pg_type t
  join pg_type base on base.oid = t.typbasetype
  ${commentOn('pg_type', 't.oid')}
  ${GRANTS}
  where t.typtype = 'd' and ${isCompared('pg_type', 't', 'typnamespace')}`,
};
