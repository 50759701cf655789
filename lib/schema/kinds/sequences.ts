import { COMMENT, commentOn, isCompared, lines, owner, qualified, when, words } from './fragments.ts';
import { grants } from './grants.ts';
import type { KindQuery } from './kind.ts';

/** How far a sequence has counted is left out: that is data. */
export const sequences: KindQuery = {
  catalog: 'pg_class',
  partOf: null,
  select: `select 'sequence' as kind, c.oid, 0 as sub, 0::oid as parent,
    ${qualified('c.relnamespace', 'c.relname')} as name,
    ${lines(
      words(
        when(`c.relpersistence = 'u'`, `'unlogged'`),
        'format_type(q.seqtypid, null)',
        `'start ' || q.seqstart`,
        `'increment ' || q.seqincrement`,
        `'from ' || q.seqmin`,
        `'to ' || q.seqmax`,
        `'cache ' || q.seqcache`,
        when('q.seqcycle', `'cycle'`),
      ),
      `case owned.deptype when 'i' then 'identity of ' else 'owned by ' end || owned.refobjid::regclass::text || '.' || quote_ident(a.attname)`,
      owner('c.relowner'),
      'granted.lines',
      COMMENT,
    )} as text,
    array[c.xmin, q.xmin, owned.xmin, comment.xmin] as xids
  from pg_class c
  join pg_sequence q on q.seqrelid = c.oid
  left join pg_depend owned on owned.classid = 'pg_class'::regclass and owned.objid = c.oid and owned.deptype in ('a', 'i')
    and owned.refclassid = 'pg_class'::regclass and owned.refobjsubid > 0
  left join pg_attribute a on a.attrelid = owned.refobjid and a.attnum = owned.refobjsubid
  ${commentOn('pg_class', 'c.oid')}
  ${grants('pg_class', 'c', { list: 'relacl', owner: 'relowner' }, 's')}
  where c.relkind = 'S' and ${isCompared('pg_class', 'c', 'relnamespace')}`,
};
