import {
  COMMENT,
  commentOn,
  isCompared,
  isNoMember,
  lines,
  NOT_VALID,
  options,
  SCHEMAS,
  tablespace,
  when,
  words,
} from './fragments.ts';
import { statisticsTargets } from './indexes.ts';
import type { KindQuery } from './kind.ts';
import { IS_PLAIN_KEY, PLAIN_KEY } from './plain-key.ts';

/** `NOT VALID` ends the text of such a constraint; it gets a line of its own, which tells it from another constraint. */
const DEFINITION = `case when k.convalidated then pg_get_constraintdef(k.oid)
    else regexp_replace(pg_get_constraintdef(k.oid), ' NOT VALID$', '') end`;

/** Foreign keys that DISABLE TRIGGER ALL switched off, here or in a partition. */
const DISABLED = `(
    select coalesce(nullif(f.conparentid, 0), f.oid) as conoid, array_agg(g.xmin) as xids
    from pg_trigger g join pg_constraint f on f.oid = g.tgconstraint
    where g.tgisinternal and g.tgenabled in ('D', 'R') group by 1
  ) disabled`;

/**
 * The index behind a primary key, a unique or an exclusion constraint is part of the constraint: nobody makes, renames or drops it
 * alone, and its columns are the constraint's.
 *
 * Left out: a partition's copies of its parent's foreign keys. The server makes them, nobody can change them alone, and numbers
 * their names in the order in which partitions came. Constraint triggers are triggers.
 */
export const constraints: KindQuery = {
  catalog: 'pg_constraint',
  partOf: { catalog: 'pg_class', as: 'constraint' },
  select: `select 'constraint' as kind, k.oid, 0 as sub, k.conrelid as parent, quote_ident(k.conname) as name,
    ${lines(
      words(
        `case when ${IS_PLAIN_KEY} then ${PLAIN_KEY} else ${DEFINITION} end`,
        when('k.coninhcount > 0', `case when k.conislocal then 'inherited and its own' else 'inherited' end`),
      ),
      when('not k.convalidated', `'${NOT_VALID}'`),
      when('disabled.conoid is not null', `'not enforced: its triggers are disabled'`),
      when('not i.indisvalid', `'${NOT_VALID}'`),
      when('i.indisreplident', `'replica identity'`),
      when('i.indisclustered', `'clustered'`),
      when('ic.reloptions is not null', `'index with ' || ${options('ic.reloptions')}`),
      when('ic.reltablespace <> 0', `'index ' || ${tablespace('ic.reltablespace')}`),
      when(`k.contype = 'x'`, statisticsTargets('i.indexrelid')),
      `'index comment ' || index_comment.description`,
      COMMENT,
    )} as text,
    array[k.xmin, i.xmin, ic.xmin, comment.xmin, index_comment.xmin] || disabled.xids as xids
  from pg_constraint k
  join pg_class c on c.oid = k.conrelid
  left join pg_index i on i.indexrelid = k.conindid and k.contype in ('p', 'u', 'x')
  left join pg_class ic on ic.oid = i.indexrelid
  left join ${DISABLED} on disabled.conoid = k.oid
  ${commentOn('pg_constraint', 'k.oid')}
  ${commentOn('pg_class', 'i.indexrelid', { alias: 'index_comment' })}
  where k.contype in ('p', 'u', 'x', 'c', 'f') and not (k.contype = 'f' and k.conparentid <> 0)
    and ${isCompared('pg_class', 'c', 'relnamespace')}`,
};

export const domainConstraints: KindQuery = {
  catalog: 'pg_constraint',
  partOf: { catalog: 'pg_type', as: 'constraint' },
  select: `select 'constraint' as kind, k.oid, 0 as sub, k.contypid as parent, quote_ident(k.conname) as name,
    ${lines(DEFINITION, when('not k.convalidated', `'${NOT_VALID}'`), COMMENT)} as text,
    array[k.xmin, comment.xmin] as xids
  from pg_constraint k
  join pg_type t on t.oid = k.contypid
  ${commentOn('pg_constraint', 'k.oid')}
  where t.typnamespace in ${SCHEMAS} and ${isNoMember('pg_type', 't.oid')}`,
};
