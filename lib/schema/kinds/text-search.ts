import { COMMENT, commentOn, isCompared, lines, owner, qualified, words } from './fragments.ts';
import type { KindQuery } from './kind.ts';

const routine = (name: string, oid: string) =>
  `case when ${oid} <> 0 then '${name} ' || ${oid}::oid::regprocedure::text end`;

export const textSearchParsers: KindQuery = {
  catalog: 'pg_ts_parser',
  partOf: null,
  select: `select 'text search parser' as kind, p.oid, 0 as sub, 0::oid as parent, ${qualified('p.prsnamespace', 'p.prsname')} as name,
    ${lines(
      words(...['start', 'token', 'end', 'headline', 'lextype'].map((name) => routine(name, `p.prs${name}`))),
      COMMENT,
    )} as text,
    array[p.xmin, comment.xmin] as xids
  from pg_ts_parser p
  ${commentOn('pg_ts_parser', 'p.oid')}
  where ${isCompared('pg_ts_parser', 'p', 'prsnamespace')}`,
};

export const textSearchTemplates: KindQuery = {
  catalog: 'pg_ts_template',
  partOf: null,
  select: `select 'text search template' as kind, t.oid, 0 as sub, 0::oid as parent, ${qualified('t.tmplnamespace', 't.tmplname')} as name,
    ${lines(words(routine('init', 't.tmplinit'), routine('lexize', 't.tmpllexize')), COMMENT)} as text,
    array[t.xmin, comment.xmin] as xids
  from pg_ts_template t
  ${commentOn('pg_ts_template', 't.oid')}
  where ${isCompared('pg_ts_template', 't', 'tmplnamespace')}`,
};

export const textSearchDictionaries: KindQuery = {
  catalog: 'pg_ts_dict',
  partOf: null,
  select: `select 'text search dictionary' as kind, d.oid, 0 as sub, 0::oid as parent, ${qualified('d.dictnamespace', 'd.dictname')} as name,
    ${lines(
      `'template ' || (select ${qualified('tmplnamespace', 'tmplname')} from pg_ts_template where oid = d.dicttemplate)`,
      `'options ' || d.dictinitoption`,
      owner('d.dictowner'),
      COMMENT,
    )} as text,
    array[d.xmin, comment.xmin] as xids
  from pg_ts_dict d
  ${commentOn('pg_ts_dict', 'd.oid')}
  where ${isCompared('pg_ts_dict', 'd', 'dictnamespace')}`,
};

/** A line for each kind of token, with its dictionaries in the order in which they are asked. */
const MAPPINGS = `(
    select mapcfg, string_agg(line, E'\\x1f' order by maptokentype) as lines, array_agg(line_xid) as xids from (
      select m.mapcfg, m.maptokentype, max(m.xmin::text)::xid as line_xid,
        concat('token ', (select alias from ts_token_type(c.cfgparser) where tokid = m.maptokentype), ' with ',
          string_agg(m.mapdict::regdictionary::text, ', ' order by m.mapseqno)) as line
      from pg_ts_config_map m join pg_ts_config c on c.oid = m.mapcfg
      where c.oid >= 16384 group by m.mapcfg, m.maptokentype, c.cfgparser
    ) line group by mapcfg
  ) mapping`;

export const textSearchConfigurations: KindQuery = {
  catalog: 'pg_ts_config',
  partOf: null,
  select: `select 'text search configuration' as kind, c.oid, 0 as sub, 0::oid as parent, ${qualified('c.cfgnamespace', 'c.cfgname')} as name,
    ${lines(
      `'parser ' || (select ${qualified('prsnamespace', 'prsname')} from pg_ts_parser where oid = c.cfgparser)`,
      'mapping.lines',
      owner('c.cfgowner'),
      COMMENT,
    )} as text,
    array[c.xmin, comment.xmin] || mapping.xids as xids
  from pg_ts_config c
  left join ${MAPPINGS} on mapping.mapcfg = c.oid
  ${commentOn('pg_ts_config', 'c.oid')}
  where ${isCompared('pg_ts_config', 'c', 'cfgnamespace')}`,
};
