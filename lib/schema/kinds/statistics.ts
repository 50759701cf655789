import { COMMENT, commentOn, isCompared, lines, owner, qualified, when } from './fragments.ts';
import type { KindQuery } from './kind.ts';

const KINDS = `(select string_agg(case kind when 'd' then 'ndistinct' when 'f' then 'dependencies' when 'm' then 'mcv' end, ', ' order by kind)
      from unnest(s.stxkind) kind where kind <> 'e')`;

const COLUMNS = `(select string_agg(quote_ident(attname), ', ' order by attname collate "C") from pg_attribute
      where attrelid = s.stxrelid and attnum = any (s.stxkeys))`;

const EXPRESSIONS = `(select string_agg(expression, ', ' order by number)
      from unnest(pg_get_statisticsobjdef_expressions(s.oid)) with ordinality e(expression, number))`;

/**
 * What is counted, not what was counted. Columns are sorted by name: the server sorts them by their numbers, which an undo that adds a
 * dropped column again changes, and counts them as a set.
 */
export const statistics: KindQuery = {
  catalog: 'pg_statistic_ext',
  partOf: null,
  select: `select 'statistics' as kind, s.oid, 0 as sub, 0::oid as parent, ${qualified('s.stxnamespace', 's.stxname')} as name,
    ${lines(
      `concat_ws(' ', ${KINDS}, 'on', concat_ws(', ', ${COLUMNS}, ${EXPRESSIONS}), 'of', s.stxrelid::regclass)`,
      when('s.stxstattarget >= 0', `'target ' || s.stxstattarget`),
      owner('s.stxowner'),
      COMMENT,
    )} as text,
    array[s.xmin, comment.xmin] as xids
  from pg_statistic_ext s
  ${commentOn('pg_statistic_ext', 's.oid')}
  where ${isCompared('pg_statistic_ext', 's', 'stxnamespace')}`,
};
