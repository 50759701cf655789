import { COMMENT, commentOn, lines, owner, when, words } from './fragments.ts';
import type { KindQuery } from './kind.ts';

const TABLES = `(
    select r.prpubid, string_agg(concat('table ', r.prrelid::regclass, ' (' || (
        select string_agg(quote_ident(attname), ', ' order by attname collate "C") from pg_attribute
        where attrelid = r.prrelid and attnum = any (r.prattrs)) || ')', ' where ' || pg_get_expr(r.prqual, r.prrelid)),
      E'\\x1f' order by r.prrelid::regclass::text collate "C") as lines, array_agg(r.xmin) as xids
    from pg_publication_rel r group by r.prpubid
  ) tables`;

const ALL_IN_SCHEMA = `(
    select s.pnpubid, string_agg('tables in schema ' || s.pnnspid::regnamespace::text, E'\\x1f' order by s.pnnspid::regnamespace::text collate "C")
      as lines, array_agg(s.xmin) as xids
    from pg_publication_namespace s group by s.pnpubid
  ) schemas`;

export const publications: KindQuery = {
  catalog: 'pg_publication',
  partOf: null,
  select: `select 'publication' as kind, p.oid, 0 as sub, 0::oid as parent, quote_ident(p.pubname) as name,
    ${lines(
      words(
        `'publishes'`,
        when('p.pubinsert', `'insert'`),
        when('p.pubupdate', `'update'`),
        when('p.pubdelete', `'delete'`),
        when('p.pubtruncate', `'truncate'`),
        when('p.pubviaroot', `'via partition root'`),
      ),
      when('p.puballtables', `'all tables'`),
      'schemas.lines',
      'tables.lines',
      owner('p.pubowner'),
      COMMENT,
    )} as text,
    array[p.xmin, comment.xmin] || tables.xids || schemas.xids as xids
  from pg_publication p
  left join ${TABLES} on tables.prpubid = p.oid
  left join ${ALL_IN_SCHEMA} on schemas.pnpubid = p.oid
  ${commentOn('pg_publication', 'p.oid')}`,
};

/**
 * Where a subscription leads to is a secret of superusers, and whether it runs is not the schema's affair: a dump brings it back
 * disabled.
 */
export const subscriptions: KindQuery = {
  catalog: 'pg_subscription',
  partOf: null,
  select: `select 'subscription' as kind, s.oid, 0 as sub, 0::oid as parent, quote_ident(s.subname) as name,
    ${lines(
      `(select 'to ' || string_agg(quote_ident(p), ', ' order by p collate "C") from unnest(s.subpublications) p)`,
      owner('s.subowner'),
      COMMENT,
    )} as text,
    array[comment.xmin] as xids
  from pg_subscription s
  ${commentOn('pg_subscription', 's.oid')}
  where s.subdbid = (select oid from pg_database where datname = current_database())`,
};
