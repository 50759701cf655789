import { COMMENT, commentOn, isMadeByUser, isNoMember, lines, owner, qualified, when, words } from './fragments.ts';
import { grants } from './grants.ts';
import type { KindQuery } from './kind.ts';

const routine = (name: string, oid: string) => when(`${oid} <> 0`, `'${name} ' || ${oid}::oid::regprocedure::text`);

export const languages: KindQuery = {
  catalog: 'pg_language',
  partOf: null,
  select: `select 'language' as kind, l.oid, 0 as sub, 0::oid as parent, quote_ident(l.lanname) as name,
    ${lines(
      words(
        when('l.lanpltrusted', `'trusted'`),
        routine('handler', 'l.lanplcallfoid'),
        routine('inline', 'l.laninline'),
        routine('validator', 'l.lanvalidator'),
      ),
      owner('l.lanowner'),
      'granted.lines',
      COMMENT,
    )} as text,
    array[l.xmin, comment.xmin] as xids
  from pg_language l
  ${commentOn('pg_language', 'l.oid')}
  ${grants('pg_language', 'l', { list: 'lanacl', owner: 'lanowner' }, 'l')}
  where ${isMadeByUser('l.oid')} and ${isNoMember('pg_language', 'l.oid')}`,
};

export const accessMethods: KindQuery = {
  catalog: 'pg_am',
  partOf: null,
  select: `select 'access method' as kind, m.oid, 0 as sub, 0::oid as parent, quote_ident(m.amname) as name,
    ${lines(
      `case m.amtype when 't' then 'for tables' else 'for indexes' end || ' by ' || m.amhandler::oid::regprocedure::text`,
      COMMENT,
    )} as text,
    array[m.xmin, comment.xmin] as xids
  from pg_am m
  ${commentOn('pg_am', 'm.oid')}
  where ${isMadeByUser('m.oid')} and ${isNoMember('pg_am', 'm.oid')}`,
};

export const transforms: KindQuery = {
  catalog: 'pg_transform',
  partOf: null,
  select: `select 'transform' as kind, t.oid, 0 as sub, 0::oid as parent,
    concat('for ', format_type(t.trftype, null), ' language ', (select quote_ident(lanname) from pg_language where oid = t.trflang)) as name,
    ${lines(routine('from SQL', 't.trffromsql'), routine('to SQL', 't.trftosql'), COMMENT)} as text,
    array[t.xmin, comment.xmin] as xids
  from pg_transform t
  ${commentOn('pg_transform', 't.oid')}
  where ${isNoMember('pg_transform', 't.oid')}`,
};

const ENCODINGS = `pg_encoding_to_char(k.conforencoding)::text || ' to ' || pg_encoding_to_char(k.contoencoding)::text`;

export const conversions: KindQuery = {
  catalog: 'pg_conversion',
  partOf: null,
  select: `select 'conversion' as kind, k.oid, 0 as sub, 0::oid as parent, ${qualified('k.connamespace', 'k.conname')} as name,
    ${lines(
      words(when('k.condefault', `'default'`), ENCODINGS, `'by ' || k.conproc::oid::regprocedure::text`),
      owner('k.conowner'),
      COMMENT,
    )} as text,
    array[k.xmin, comment.xmin] as xids
  from pg_conversion k
  ${commentOn('pg_conversion', 'k.oid')}
  where ${isMadeByUser('k.oid')} and ${isNoMember('pg_conversion', 'k.oid')}`,
};
