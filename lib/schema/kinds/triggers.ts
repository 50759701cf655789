import { after, COMMENT, commentOn, isCompared, lines, owner } from './fragments.ts';
import type { KindQuery } from './kind.ts';

const ENABLED = (letter: string) =>
  `case ${letter} when 'D' then 'disabled' when 'R' then 'enabled on a replica' when 'A' then 'enabled always' end`;

/**
 * Left out: the server's own triggers behind foreign keys, which the constraint answers for; a partition's copy of its parent's
 * trigger, unless it was switched apart from it, since the server makes and drops it with the parent's.
 */
export const triggers: KindQuery = {
  catalog: 'pg_trigger',
  partOf: { catalog: 'pg_class', as: 'trigger' },
  select: `select 'trigger' as kind, g.oid, 0 as sub, g.tgrelid as parent, quote_ident(g.tgname) as name,
    ${lines(
      `case when g.tgconstraint <> 0 then 'CONSTRAINT ' else '' end || ${after(
        `concat('CREATE ', case when g.tgconstraint <> 0 then 'CONSTRAINT ' end, 'TRIGGER ', quote_ident(g.tgname))`,
        'pg_get_triggerdef(g.oid)',
      )}`,
      ENABLED('g.tgenabled'),
      `(select 'depends on extension ' || string_agg(quote_ident(e.extname), ', ' order by e.extname collate "C")
        from pg_depend d join pg_extension e on e.oid = d.refobjid
        where d.classid = 'pg_trigger'::regclass and d.objid = g.oid and d.deptype = 'x')`,
      COMMENT,
    )} as text,
    array[g.xmin, comment.xmin] as xids
  from pg_trigger g
  join pg_class c on c.oid = g.tgrelid
  left join pg_trigger original on original.oid = g.tgparentid
  ${commentOn('pg_trigger', 'g.oid')}
  where not g.tgisinternal and g.tgenabled is distinct from original.tgenabled
    and ${isCompared('pg_class', 'c', 'relnamespace')}`,
};

/** The rule that makes a view a view is the view's definition. */
export const rules: KindQuery = {
  catalog: 'pg_rewrite',
  partOf: { catalog: 'pg_class', as: 'rule' },
  select: `select 'rule' as kind, r.oid, 0 as sub, r.ev_class as parent, quote_ident(r.rulename) as name,
    ${lines(`ltrim(${after(`'CREATE RULE ' || quote_ident(r.rulename) || ' AS'`, 'pg_get_ruledef(r.oid)')})`, ENABLED('r.ev_enabled'), COMMENT)} as text,
    array[r.xmin, comment.xmin] as xids
  from pg_rewrite r
  join pg_class c on c.oid = r.ev_class
  ${commentOn('pg_rewrite', 'r.oid')}
  where r.rulename <> '_RETURN' and ${isCompared('pg_class', 'c', 'relnamespace')}`,
};

export const eventTriggers: KindQuery = {
  catalog: 'pg_event_trigger',
  partOf: null,
  select: `select 'event trigger' as kind, v.oid, 0 as sub, 0::oid as parent, quote_ident(v.evtname) as name,
    ${lines(
      `'on ' || v.evtevent`,
      `'when tag in ' || (select string_agg(tag, ', ' order by tag collate "C") from unnest(v.evttags) tag)`,
      `'execute ' || v.evtfoid::regprocedure::text`,
      ENABLED('v.evtenabled'),
      owner('v.evtowner'),
      COMMENT,
    )} as text,
    array[v.xmin, comment.xmin] as xids
  from pg_event_trigger v
  ${commentOn('pg_event_trigger', 'v.oid')}
  where v.oid not in (select objid from pg_depend where deptype = 'e' and classid = 'pg_event_trigger'::regclass)`,
};
