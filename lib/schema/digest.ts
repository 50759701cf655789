import type { ClientBase } from 'pg';
import { OWN_SCHEMA } from '../postgres/tables.ts';

/**
 * The SHA-256 of the schema: what the users' objects are, and nothing of how they came to be.
 *
 * Left out: system schemas, our own, members of extensions (their name and version stand for them), OIDs, the order of
 * columns, owners and grants, comments, and contents. Equal, therefore, after dump and restore, and after do, undo, do.
 * Names of types and functions in definitions depend on `search_path`, which is empty for the length of the statement.
 */
export async function schemaDigest(client: ClientBase): Promise<string> {
  const { rows } = await client.query<{ digest: string }>(DIGEST);
  const [row] = rows;
  if (!row) throw new Error('The digest statement returned no row.');
  return row.digest;
}

/** Each object of the schema as one line of text, in the order in which the digest takes them: for showing what differs. */
export async function schemaObjects(client: ClientBase): Promise<string[]> {
  const { rows } = await client.query<{ object: string }>(OBJECTS);
  return rows.map((row) => row.object);
}

/**
 * The server prints `x IN ('a', 'b')` on a varchar in one form, reads it back, and prints another from then on: the same
 * condition, which a dump and restore must not change here (measured on 15.18).
 */
const VARCHAR_LIST = String.raw`\(ARRAY\[((?:''(?:[^'']|'''')*''::character varying(?:, )?)+)\]\)::text\[\]`;
const VARCHAR_ITEM = String.raw`\((''(?:[^'']|'''')*''::character varying)\)::text`;

function normal(expression: string): string {
  return `regexp_replace(regexp_replace(${expression}, '${VARCHAR_LIST}', 'ARRAY[\\1]', 'g'), '${VARCHAR_ITEM}', '\\1', 'g')`;
}

/**
 * Every branch yields (kind, name, definition). All of it hangs below `path`, whose row is what empties search_path: a
 * lateral reference is the one thing that makes the planner evaluate that first. The old path is put back at the end, for
 * callers inside a transaction.
 */
const WITH_OBJECTS = `
with path as materialized (
  select pg_catalog.current_setting('search_path') as old, pg_catalog.set_config('search_path', '', true) as now
), result as (
  select path.old, object.* from path, lateral (
    with schema as (
      select oid, nspname as name from pg_catalog.pg_namespace
      where nspname !~ '^pg_' and nspname not in ('information_schema', '${OWN_SCHEMA}') and path.now = ''
    ), member as (
      select classid, objid from pg_catalog.pg_depend where deptype = 'e'
    ), relation as (
      select c.*, pg_catalog.format('%I.%I', s.name, c.relname) as name
      from pg_catalog.pg_class c join schema s on s.oid = c.relnamespace
      where not exists (select from member m where m.classid = 'pg_catalog.pg_class'::regclass and m.objid = c.oid)
    ), routine as (
      select p.*, pg_catalog.format('%I.%I(%s)', s.name, p.proname, pg_catalog.pg_get_function_identity_arguments(p.oid)) as name
      from pg_catalog.pg_proc p join schema s on s.oid = p.pronamespace
      where not exists (select from member m where m.classid = 'pg_catalog.pg_proc'::regclass and m.objid = p.oid)
    ), type as (
      select t.*, pg_catalog.format('%I.%I', s.name, t.typname) as name
      from pg_catalog.pg_type t join schema s on s.oid = t.typnamespace
      where not exists (select from member m where m.classid = 'pg_catalog.pg_type'::regclass and m.objid = t.oid)
    )
    select 'schema' as kind, name::text, '' as definition from schema
    where not exists (select from member m where m.classid = 'pg_catalog.pg_namespace'::regclass and m.objid = schema.oid)
    union all
    select 'extension', extname::text, extversion from pg_catalog.pg_extension
    union all
    select 'relation', r.name, pg_catalog.concat_ws(' ', r.relkind, r.relpersistence,
        case when r.relrowsecurity then 'rls' end, case when r.relforcerowsecurity then 'force-rls' end,
        'partition by ' || case when r.relkind = 'p' then pg_catalog.pg_get_partkeydef(r.oid) end,
        pg_catalog.pg_get_expr(r.relpartbound, r.oid),
        (select 'inherits ' || pg_catalog.string_agg(i.inhparent::regclass::text, ', ' order by i.inhparent::regclass::text collate "C")
           from pg_catalog.pg_inherits i where i.inhrelid = r.oid and r.relkind in ('r', 'p', 'f')),
        (select 'server ' || pg_catalog.quote_ident(f.srvname) || ' ' || coalesce(t.ftoptions::text, '')
           from pg_catalog.pg_foreign_table t join pg_catalog.pg_foreign_server f on f.oid = t.ftserver where t.ftrelid = r.oid))
    from relation r where r.relkind in ('r', 'p', 'f', 'c', 'v', 'm')
    union all
    select 'column', pg_catalog.format('%s.%I', r.name, a.attname), pg_catalog.concat_ws(' ',
        pg_catalog.format_type(a.atttypid, a.atttypmod),
        case when a.attnotnull then 'not null' end,
        'default ' || ${normal('pg_catalog.pg_get_expr(d.adbin, d.adrelid)')},
        'identity ' || nullif(a.attidentity::text, ''), 'generated ' || nullif(a.attgenerated::text, ''),
        case when a.attcollation <> t.typcollation then 'collate ' || a.attcollation::regcollation::text end)
    from relation r join pg_catalog.pg_attribute a on a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped
      join pg_catalog.pg_type t on t.oid = a.atttypid
      left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    where r.relkind in ('r', 'p', 'f', 'c', 'v', 'm')
    union all
    select 'constraint', pg_catalog.format('%s.%I', coalesce(r.name, y.name), k.conname), pg_catalog.concat_ws(' ',
        ${normal('pg_catalog.pg_get_constraintdef(k.oid)')}, case when not k.convalidated then 'unvalidated' end)
    from pg_catalog.pg_constraint k left join relation r on r.oid = k.conrelid left join type y on y.oid = k.contypid
    -- A partition's copies of its parent's constraints get their names from the order of things.
    where (r.oid is not null or y.oid is not null) and k.conparentid = 0 and k.contype <> 't'
    union all
    select 'index', pg_catalog.format('%I.%I', s.name, c.relname), pg_catalog.concat_ws(' ',
        ${normal('pg_catalog.pg_get_indexdef(c.oid)')}, case when not i.indisvalid then 'invalid' end,
        case when i.indisreplident then 'replica identity' end)
    from relation r join pg_catalog.pg_index i on i.indrelid = r.oid join pg_catalog.pg_class c on c.oid = i.indexrelid
      join schema s on s.oid = c.relnamespace
    union all
    select 'view', r.name, ${normal('pg_catalog.pg_get_viewdef(r.oid)')} || coalesce(' with ' || r.reloptions::text, '')
    from relation r where r.relkind in ('v', 'm')
    union all
    select 'sequence', r.name, pg_catalog.concat_ws(' ', pg_catalog.format_type(q.seqtypid, null), q.seqstart, q.seqincrement,
        q.seqmin, q.seqmax, q.seqcache, q.seqcycle,
        (select 'owned by ' || pg_catalog.format('%s.%I', d.refobjid::regclass, a.attname)
           from pg_catalog.pg_depend d join pg_catalog.pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
          where d.classid = 'pg_catalog.pg_class'::regclass and d.objid = r.oid and d.deptype in ('a', 'i')
            and d.refclassid = 'pg_catalog.pg_class'::regclass and d.refobjsubid > 0))
    from relation r join pg_catalog.pg_sequence q on q.seqrelid = r.oid
    union all
    select 'trigger', pg_catalog.format('%s.%I', r.name, g.tgname), pg_catalog.concat_ws(' ', pg_catalog.pg_get_triggerdef(g.oid), g.tgenabled)
    from relation r join pg_catalog.pg_trigger g on g.tgrelid = r.oid where not g.tgisinternal
    union all
    select 'rule', pg_catalog.format('%s.%I', r.name, w.rulename), pg_catalog.concat_ws(' ', ${normal('pg_catalog.pg_get_ruledef(w.oid)')}, w.ev_enabled)
    from relation r join pg_catalog.pg_rewrite w on w.ev_class = r.oid where w.rulename <> '_RETURN'
    union all
    select 'policy', pg_catalog.format('%s.%I', r.name, p.polname), pg_catalog.concat_ws(' ', p.polcmd, p.polpermissive,
        (select pg_catalog.string_agg(role, ', ' order by role collate "C") from
           (select case when u = 0 then 'public' else u::regrole::text end as role from pg_catalog.unnest(p.polroles) u) roles),
        'using ' || ${normal('pg_catalog.pg_get_expr(p.polqual, p.polrelid)')}, 'check ' || ${normal('pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid)')})
    from relation r join pg_catalog.pg_policy p on p.polrelid = r.oid
    union all
    select 'statistics', pg_catalog.format('%I.%I', s.name, x.stxname), pg_catalog.pg_get_statisticsobjdef(x.oid)
    from pg_catalog.pg_statistic_ext x join schema s on s.oid = x.stxnamespace
    union all
    select 'routine', f.name, case
        when f.prokind <> 'a' then pg_catalog.pg_get_functiondef(f.oid)
        -- pg_get_functiondef refuses aggregates.
        else pg_catalog.concat_ws(' ', 'aggregate returns', pg_catalog.pg_get_function_result(f.oid), a.aggkind, a.aggtransfn::oid::regprocedure,
          a.aggfinalfn::oid::regprocedure, a.aggcombinefn::oid::regprocedure, pg_catalog.format_type(a.aggtranstype, null),
          'initially ' || a.agginitval, f.proparallel) end
    from routine f left join pg_catalog.pg_aggregate a on a.aggfnoid = f.oid
    union all
    select 'enum', t.name, pg_catalog.string_agg(pg_catalog.quote_literal(e.enumlabel), ', ' order by e.enumsortorder)
    from type t join pg_catalog.pg_enum e on e.enumtypid = t.oid group by t.oid, t.name
    union all
    select 'domain', t.name, pg_catalog.concat_ws(' ', pg_catalog.format_type(t.typbasetype, t.typtypmod), case when t.typnotnull then 'not null' end,
        'default ' || pg_catalog.pg_get_expr(t.typdefaultbin, 'pg_catalog.pg_type'::regclass), case when t.typcollation <> b.typcollation then 'collate ' || t.typcollation::regcollation::text end)
    from type t join pg_catalog.pg_type b on b.oid = t.typbasetype where t.typtype = 'd'
    union all
    select 'range', t.name, pg_catalog.concat_ws(' ', pg_catalog.format_type(g.rngsubtype, null), g.rngmultitypid::regtype,
        g.rngcanonical::oid::regprocedure, g.rngsubdiff::oid::regprocedure)
    from type t join pg_catalog.pg_range g on g.rngtypid = t.oid
    union all
    select 'event trigger', v.evtname::text, pg_catalog.concat_ws(' ', v.evtevent, v.evttags::text, f.name, v.evtenabled)
    from pg_catalog.pg_event_trigger v join routine f on f.oid = v.evtfoid
  ) object
)`;

const LINES = `kind || E'\\t' || name || E'\\t' || coalesce(definition, '')`;
const RESTORE_PATH = `pg_catalog.set_config('search_path', (select old from path), true)`;

const DIGEST = `${WITH_OBJECTS}
select pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(
    coalesce(pg_catalog.string_agg(line, E'\\n' order by line collate "C"), ''), 'UTF8')), 'hex') as digest, ${RESTORE_PATH}
from (select ${LINES} as line from result) lines`;

const OBJECTS = `${WITH_OBJECTS}
select line as object, ${RESTORE_PATH} from (select ${LINES} as line from result) lines order by line collate "C"`;
