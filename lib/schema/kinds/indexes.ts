import { after, COMMENT, commentOn, isCompared, lines, NOT_VALID, when } from './fragments.ts';
import type { KindQuery } from './kind.ts';
import { INDEX_COLUMNS, IS_PLAIN_INDEX, PLAIN_INDEX, USUAL_CLASSES } from './plain-index.ts';

/** SQL of what was set for columns of an index that are expressions, which have no name but a number. */
export function statisticsTargets(index: string): string {
  return `(select string_agg('statistics of column ' || attnum || ' ' || attstattarget, E'\\x1f' order by attnum)
    from pg_attribute where attrelid = ${index} and attstattarget >= 0)`;
}

const BEGINNING = `concat('CREATE ', case when i.indisunique then 'UNIQUE ' end, 'INDEX ', quote_ident(c.relname), ' ON ',
  case when c.relkind = 'I' then 'ONLY ' end, i.indrelid::regclass)`;

/** Left out: indexes behind constraints, which are parts of those. */
export const indexes: KindQuery = {
  catalog: 'pg_class',
  partOf: { catalog: 'pg_class', as: 'index' },
  select: `select 'index' as kind, c.oid, 0 as sub, i.indrelid as parent, quote_ident(c.relname) as name,
    ${lines(
      `case when i.indisunique then 'UNIQUE ' else '' end
        || case when ${IS_PLAIN_INDEX} then ${PLAIN_INDEX} else ${after(BEGINNING, 'pg_get_indexdef(c.oid)')} end`,
      when('not (i.indisvalid and i.indisready and i.indislive)', `'${NOT_VALID}'`),
      when('attached.inhparent is not null', `'partition of ' || attached.inhparent::regclass::text`),
      when('i.indisreplident', `'replica identity'`),
      when('i.indisclustered', `'clustered'`),
      when('i.indexprs is not null', statisticsTargets('c.oid')),
      COMMENT,
    )} as text,
    array[c.xmin, i.xmin, attached.xmin, comment.xmin] as xids
  from pg_index i
  join pg_class c on c.oid = i.indexrelid
  join pg_class of on of.oid = i.indrelid
  ${INDEX_COLUMNS}
  ${USUAL_CLASSES}
  left join pg_inherits attached on attached.inhrelid = c.oid
  ${commentOn('pg_class', 'c.oid')}
  where ${isCompared('pg_class', 'of', 'relnamespace')} and of.relkind in ('r', 'p', 'm')
    and i.indexrelid not in (select conindid from pg_constraint where contype in ('p', 'u', 'x'))`,
};
