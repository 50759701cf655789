import type { ObjectKind, PartKind } from './kinds/kind.ts';

type Show = (name: string, owner: string) => string;

const relation: Show = (name) =>
  `select relkind, relpersistence, relowner::regrole, relacl, reloptions, relrowsecurity, relforcerowsecurity, relreplident,
  pg_get_partkeydef(oid), pg_get_expr(relpartbound, oid), obj_description(oid) from pg_class where oid = to_regclass(${name})`;
const view: Show = (name) =>
  `select pg_get_viewdef(oid), relowner::regrole, relacl, reloptions from pg_class where oid = to_regclass(${name})`;
const routine: Show = (name) =>
  `select pg_get_functiondef(oid), proowner::regrole, proacl from pg_proc where oid = to_regprocedure(${name})`;
const type: Show = (name) =>
  `select t.*, array(select enumlabel from pg_enum where enumtypid = t.oid order by enumsortorder) as labels
  from pg_type t where oid = to_regtype(${name})`;

/** An object of a catalog that has a name and no schema. */
const named =
  (catalog: string, column: string): Show =>
  (name) =>
    `select * from ${catalog} where quote_ident(${column}) = ${name}`;

/** An object of a catalog that has a name and a schema. */
const inSchema =
  (catalog: string, prefix: string): Show =>
  (name) =>
    `select o.* from ${catalog} o join pg_namespace n on n.oid = ${prefix}namespace
  where quote_ident(n.nspname) || '.' || quote_ident(${prefix}name) = ${name}`;

/** The same, of an access method: `schema.name using btree`. */
const ofMethod =
  (catalog: string, prefix: string): Show =>
  (name) =>
    `select o.* from ${catalog} o join pg_namespace n on n.oid = ${prefix}namespace join pg_am m on m.oid = ${prefix}method
  where concat(quote_ident(n.nspname), '.', quote_ident(${prefix}name), ' using ', quote_ident(m.amname)) = ${name}`;

const SHOW: Record<ObjectKind | PartKind, Show> = {
  schema: named('pg_namespace', 'nspname'),
  extension: named('pg_extension', 'extname'),
  'access method': named('pg_am', 'amname'),
  language: named('pg_language', 'lanname'),
  collation: inSchema('pg_collation', 'coll'),
  conversion: inSchema('pg_conversion', 'con'),
  type,
  domain: type,
  function: routine,
  procedure: routine,
  aggregate: (name) => `select * from pg_aggregate where aggfnoid = to_regprocedure(${name})`,
  operator: (name) => `select * from pg_operator where oid = to_regoperator(${name})`,
  'operator family': ofMethod('pg_opfamily', 'opf'),
  'operator class': ofMethod('pg_opclass', 'opc'),
  cast: (name) =>
    `select * from pg_cast where format('(%s as %s)', format_type(castsource, null), format_type(casttarget, null)) = ${name}`,
  transform: (name) =>
    `select t.* from pg_transform t join pg_language l on l.oid = trflang
  where format('for %s language %s', format_type(trftype, null), quote_ident(lanname)) = ${name}`,
  'text search parser': inSchema('pg_ts_parser', 'prs'),
  'text search template': inSchema('pg_ts_template', 'tmpl'),
  'text search dictionary': inSchema('pg_ts_dict', 'dict'),
  'text search configuration': inSchema('pg_ts_config', 'cfg'),
  'foreign-data wrapper': named('pg_foreign_data_wrapper', 'fdwname'),
  server: named('pg_foreign_server', 'srvname'),
  'user mapping': (name) =>
    `select umid, srvname, usename from pg_user_mappings where ${name} like '% on ' || quote_ident(srvname)`,
  table: relation,
  'foreign table': relation,
  view,
  'materialized view': view,
  sequence: (name) =>
    `select s.*, relowner::regrole, relacl from pg_sequence s join pg_class c on c.oid = seqrelid where c.oid = to_regclass(${name})`,
  statistics: inSchema('pg_statistic_ext', 'stx'),
  'event trigger': named('pg_event_trigger', 'evtname'),
  publication: named('pg_publication', 'pubname'),
  subscription: (name) =>
    `select subname, subenabled, subpublications from pg_subscription s join pg_database d on d.oid = subdbid
  where datname = current_database() and quote_ident(subname) = ${name}`,
  'default privileges': () =>
    `select defaclrole::regrole, nullif(defaclnamespace, 0)::regnamespace, defaclobjtype, defaclacl from pg_default_acl`,
  column: (name, owner) =>
    `select format_type(atttypid, atttypmod), attnotnull, pg_get_expr(adbin, adrelid), attidentity, attgenerated, attacl
  from pg_attribute left join pg_attrdef on adrelid = attrelid and adnum = attnum
  where attrelid = to_regclass(${owner}) and quote_ident(attname) = ${name} and not attisdropped`,
  constraint: (name, owner) =>
    `select pg_get_constraintdef(oid), convalidated from pg_constraint
  where (conrelid = to_regclass(${owner}) or contypid = to_regtype(${owner})) and quote_ident(conname) = ${name}`,
  index: (name, owner) =>
    `select pg_get_indexdef(i.indexrelid), indisvalid, indisready from pg_index i join pg_class c on c.oid = i.indexrelid
  where i.indrelid = to_regclass(${owner}) and quote_ident(c.relname) = ${name}`,
  trigger: (name, owner) =>
    `select pg_get_triggerdef(oid), tgenabled from pg_trigger where tgrelid = to_regclass(${owner}) and quote_ident(tgname) = ${name}`,
  rule: (name, owner) =>
    `select pg_get_ruledef(oid), ev_enabled from pg_rewrite where ev_class = to_regclass(${owner}) and quote_ident(rulename) = ${name}`,
  policy: (name, owner) =>
    `select polcmd, polpermissive, polroles::regrole[], pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid)
  from pg_policy where polrelid = to_regclass(${owner}) and quote_ident(polname) = ${name}`,
};

/**
 * A statement for psql that shows the object as the server has it, and gives no row when it is not there.
 *
 * @param name its own name, quoted where needed
 * @param owner of a part: the name of the object that it is a part of
 */
export function shownBy(kind: ObjectKind | PartKind, name: string, owner: string | null): string {
  return SHOW[kind](literal(name), literal(owner ?? '')).replaceAll(/\s*\n\s*/g, ' ');
}

function literal(text: string): string {
  const quoted = text.replaceAll("'", "''");
  return quoted.includes('\\') ? `E'${quoted.replaceAll('\\', '\\\\')}'` : `'${quoted}'`;
}
