import {
  COMMENT,
  commentOn,
  isCompared,
  isMadeByUser,
  isNoMember,
  lines,
  owner,
  qualified,
  standsAlone,
  when,
  words,
} from './fragments.ts';
import type { KindQuery } from './kind.ts';

const side = (type: string) => `case ${type} when 0 then 'NONE' else format_type(${type}, null) end`;

/** Operators without a function are shells, which stand for a commutator that is yet to come. */
export const operators: KindQuery = {
  catalog: 'pg_operator',
  partOf: null,
  select: `select 'operator' as kind, o.oid, 0 as sub, 0::oid as parent,
    concat((select quote_ident(nspname) from pg_namespace where oid = o.oprnamespace), '.', o.oprname,
      '(', ${side('o.oprleft')}, ', ', ${side('o.oprright')}, ')') as name,
    ${lines(
      `case o.oprcode when 0 then 'shell' else 'function ' || o.oprcode::oid::regprocedure::text end`,
      when('o.oprcom <> 0', `'commutator ' || o.oprcom::regoperator::text`),
      when('o.oprnegate <> 0', `'negator ' || o.oprnegate::regoperator::text`),
      when('o.oprrest <> 0', `'restrict ' || o.oprrest::oid::regprocedure::text`),
      when('o.oprjoin <> 0', `'join ' || o.oprjoin::oid::regprocedure::text`),
      when('o.oprcanmerge', `'merges'`),
      when('o.oprcanhash', `'hashes'`),
      owner('o.oprowner'),
      COMMENT,
    )} as text,
    array[o.xmin, comment.xmin] as xids
  from pg_operator o
  ${commentOn('pg_operator', 'o.oid')}
  where ${isCompared('pg_operator', 'o', 'oprnamespace')}`,
};

const USING = (method: string) => `' using ' || (select quote_ident(amname) from pg_am where oid = ${method})`;

const MEMBERS = `(
    select amopfamily as family, string_agg(concat('operator ', amopstrategy, ' ', amopopr::regoperator,
        ' for order by ' || (select ${qualified('opfnamespace', 'opfname')} from pg_opfamily where oid = amopsortfamily)),
      E'\\x1f' order by amopstrategy, amopopr::regoperator::text collate "C") as lines, array_agg(xmin) as xids
    from pg_amop where ${isMadeByUser('amopfamily')} group by 1
  ) operators left join (
    select amprocfamily as family, string_agg(concat('function ', amprocnum, ' (', format_type(amproclefttype, null), ', ',
        format_type(amprocrighttype, null), ') ', amproc::oid::regprocedure),
      E'\\x1f' order by amprocnum, amproclefttype::regtype::text collate "C", amprocrighttype::regtype::text collate "C") as lines, array_agg(xmin) as xids
    from pg_amproc where ${isMadeByUser('amprocfamily')} group by 1
  ) functions using (family)`;

/** The operators and functions of its classes are the family's: that is where the server keeps them. */
export const operatorFamilies: KindQuery = {
  catalog: 'pg_opfamily',
  partOf: null,
  select: `select 'operator family' as kind, f.oid, 0 as sub, 0::oid as parent,
    ${qualified('f.opfnamespace', 'f.opfname')} || ${USING('f.opfmethod')} as name,
    ${lines('operators.lines', 'functions.lines', owner('f.opfowner'), COMMENT)} as text,
    array[f.xmin, comment.xmin] || operators.xids || functions.xids as xids
  from pg_opfamily f
  left join (${MEMBERS}) on operators.family = f.oid
  ${commentOn('pg_opfamily', 'f.oid')}
  where ${isCompared('pg_opfamily', 'f', 'opfnamespace')}`,
};

export const operatorClasses: KindQuery = {
  catalog: 'pg_opclass',
  partOf: null,
  select: `select 'operator class' as kind, o.oid, 0 as sub, 0::oid as parent,
    ${qualified('o.opcnamespace', 'o.opcname')} || ${USING('o.opcmethod')} as name,
    ${lines(
      words(when('o.opcdefault', `'default'`), `'for ' || format_type(o.opcintype, null)`),
      `'family ' || (select ${qualified('opfnamespace', 'opfname')} from pg_opfamily where oid = o.opcfamily)`,
      when('o.opckeytype <> 0', `'storage ' || format_type(o.opckeytype, null)`),
      owner('o.opcowner'),
      COMMENT,
    )} as text,
    array[o.xmin, comment.xmin] as xids
  from pg_opclass o
  ${commentOn('pg_opclass', 'o.oid')}
  where ${isCompared('pg_opclass', 'o', 'opcnamespace')}`,
};

export const casts: KindQuery = {
  catalog: 'pg_cast',
  partOf: null,
  select: `select 'cast' as kind, k.oid, 0 as sub, 0::oid as parent,
    concat('(', format_type(k.castsource, null), ' as ', format_type(k.casttarget, null), ')') as name,
    ${lines(
      `case k.castmethod when 'f' then 'function ' || k.castfunc::regprocedure::text when 'i' then 'by input and output' else 'binary' end`,
      `case k.castcontext when 'a' then 'in assignments' when 'i' then 'implicit' end`,
      COMMENT,
    )} as text,
    array[k.xmin, comment.xmin] as xids
  from pg_cast k
  ${commentOn('pg_cast', 'k.oid')}
  where ${isMadeByUser('k.oid')} and ${isNoMember('pg_cast', 'k.oid')} and ${standsAlone('pg_cast', 'k.oid')}`,
};
