import {
  accessMethod,
  COMMENT,
  commentOn,
  isCompared,
  lines,
  options,
  owner,
  qualified,
  tablespace,
  when,
} from './fragments.ts';
import { grants } from './grants.ts';
import type { KindQuery } from './kind.ts';

/** Whether a materialised view holds rows is left out: that is data, and a dump without data does not keep it. */
export const views: KindQuery = {
  catalog: 'pg_class',
  partOf: null,
  select: `select case c.relkind when 'v' then 'view' else 'materialized view' end as kind, c.oid, 0 as sub, 0::oid as parent,
    ${qualified('c.relnamespace', 'c.relname')} as name,
    ${lines(
      when('c.relam not in (0, 2)', accessMethod('c.relam')),
      when('c.reltablespace <> 0', tablespace('c.reltablespace')),
      when('c.reloptions is not null', `'with ' || ${options('c.reloptions')}`),
      `'as' || E'\\n' || pg_get_viewdef(c.oid)`,
      owner('c.relowner'),
      'granted.lines',
      COMMENT,
    )} as text,
    array[c.xmin, comment.xmin, r.xmin] as xids
  from pg_class c
  left join pg_rewrite r on r.ev_class = c.oid and r.rulename = '_RETURN'
  ${commentOn('pg_class', 'c.oid')}
  ${grants('pg_class', 'c', { list: 'relacl', owner: 'relowner' }, 'r')}
  where c.relkind in ('v', 'm') and ${isCompared('pg_class', 'c', 'relnamespace')}`,
};
