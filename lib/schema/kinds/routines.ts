import { COMMENT, commentOn, isCompared, lines, owner, qualified, standsAlone, when, words } from './fragments.ts';
import { grants } from './grants.ts';
import type { KindQuery } from './kind.ts';

const GRANTS = grants('pg_proc', 'p', { list: 'proacl', owner: 'proowner' }, 'f');

/** The name holds the types of the arguments, which tell routines of one name apart; their names and defaults do not. */
const NAME = `${qualified('p.pronamespace', 'p.proname')} || '(' || oidvectortypes(p.proargtypes) || ')'`;

const EXTENSION = `(select 'depends on extension ' || string_agg(quote_ident(e.extname), ', ' order by e.extname collate "C")
      from pg_depend d join pg_extension e on e.oid = d.refobjid
      where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'x')`;

/** The server's own text, whole: language, body, volatility, settings, cost. Bodies in quotes are compared character by character. */
export const routines: KindQuery = {
  catalog: 'pg_proc',
  partOf: null,
  select: `select case p.prokind when 'p' then 'procedure' else 'function' end as kind, p.oid, 0 as sub, 0::oid as parent, ${NAME} as name,
    ${lines(`rtrim(pg_get_functiondef(p.oid), E'\\n')`, EXTENSION, owner('p.proowner'), 'granted.lines', COMMENT)} as text,
    array[p.xmin, comment.xmin] as xids
  from pg_proc p
  ${commentOn('pg_proc', 'p.oid')}
  ${GRANTS}
  where p.prokind <> 'a' and ${isCompared('pg_proc', 'p', 'pronamespace')} and ${standsAlone('pg_proc', 'p.oid')}`,
};

const AGGREGATE = lines(
  `concat('(', pg_get_function_arguments(p.oid), ') returns ', pg_get_function_result(p.oid))`,
  `case a.aggkind when 'o' then 'ordered set' when 'h' then 'hypothetical set' end`,
  `concat('state ', format_type(a.aggtranstype, null), ' by ', a.aggtransfn::oid::regprocedure,
      ' initially ' || quote_literal(a.agginitval), ' space ' || nullif(a.aggtransspace, 0))`,
  when(
    'a.aggfinalfn <> 0',
    words(`'final ' || a.aggfinalfn::oid::regprocedure`, `a.aggfinalmodify::text`, when('a.aggfinalextra', `'extra'`)),
  ),
  when('a.aggcombinefn <> 0', `'combine ' || a.aggcombinefn::oid::regprocedure`),
  when('a.aggserialfn <> 0', `'serialize ' || a.aggserialfn::oid::regprocedure`),
  when('a.aggdeserialfn <> 0', `'deserialize ' || a.aggdeserialfn::oid::regprocedure`),
  when(
    'a.aggmtransfn <> 0',
    `concat('moving state ', format_type(a.aggmtranstype, null), ' by ', a.aggmtransfn::oid::regprocedure, ' and ',
      a.aggminvtransfn::oid::regprocedure, ' initially ' || quote_literal(a.aggminitval), ' space ' || nullif(a.aggmtransspace, 0))`,
  ),
  when(
    'a.aggmfinalfn <> 0',
    words(
      `'moving final ' || a.aggmfinalfn::oid::regprocedure`,
      `a.aggmfinalmodify::text`,
      when('a.aggmfinalextra', `'extra'`),
    ),
  ),
  when('a.aggsortop <> 0', `'sort operator ' || a.aggsortop::regoperator`),
  `case p.proparallel when 's' then 'parallel safe' when 'r' then 'parallel restricted' end`,
);

export const aggregates: KindQuery = {
  catalog: 'pg_proc',
  partOf: null,
  select: `select 'aggregate' as kind, p.oid, 0 as sub, 0::oid as parent, ${NAME} as name,
    ${lines(AGGREGATE, EXTENSION, owner('p.proowner'), 'granted.lines', COMMENT)} as text,
    array[p.xmin, a.xmin, comment.xmin] as xids
  from pg_proc p
  join pg_aggregate a on a.aggfnoid = p.oid
  ${commentOn('pg_proc', 'p.oid')}
  ${GRANTS}
  where ${isCompared('pg_proc', 'p', 'pronamespace')}`,
};
