import { OWN_SCHEMA } from '../../postgres/tables.ts';

/**
 * Parts of SQL that the kinds share. Every statement that is put together from them runs with the settings of
 * `../session.ts`; that is what lets them name catalogs without `pg_catalog.`
 */

/** Between the lines of an object's text: ASCII's unit separator, which no name and no definition has a use for. */
export const LINE_SEPARATOR = '\x1f';

/** SQL of an object's text: these lines, without those that are null. */
export function lines(...parts: string[]): string {
  return `concat_ws(E'\\x1f', ${parts.join(', ')})`;
}

/** SQL of a line: these words, without those that are null; null when all are. */
export function words(...parts: string[]): string {
  return `nullif(concat_ws(' ', ${parts.join(', ')}), '')`;
}

/** SQL of the word when the condition holds, else null. */
export function when(condition: string, word: string): string {
  return `case when ${condition} then ${word} end`;
}

/**
 * The schemas whose objects are compared, as a set of OIDs. Left out are the system's, temporary ones, and ours: the journal
 * and the history are how we look at a database, not what it should be.
 */
export const SCHEMAS = `(select oid from pg_namespace
  where nspname !~ '^pg_' and nspname not in ('information_schema', '${OWN_SCHEMA}'))`;

/**
 * SQL of "is no member of an extension". Safe to leave members out: the extension's name and version say what they are, the
 * server lets nobody drop them alone, and a dump has them as CREATE EXTENSION only.
 */
export function isNoMember(catalog: string, oid: string): string {
  return `${oid} not in (select objid from pg_depend
    where refclassid = 'pg_extension'::regclass and deptype = 'e' and classid = '${catalog}'::regclass)`;
}

/**
 * SQL of "was not made by the server for another object": the constructors and casts of a range type come and go with it.
 */
export function standsAlone(catalog: string, oid: string): string {
  return `${oid} not in (select objid from pg_depend where classid = '${catalog}'::regclass and deptype = 'i')`;
}

/** SQL of "is in a schema that is compared, and no member of an extension". */
export function isCompared(catalog: string, alias: string, schema: string): string {
  return `${alias}.${schema} in ${SCHEMAS} and ${isNoMember(catalog, `${alias}.oid`)}`;
}

/** SQL of "was made by a user": the server gives its own objects the OIDs below (FirstNormalObjectId). */
export function isMadeByUser(oid: string): string {
  return `${oid} >= 16384`;
}

/** SQL of a schema's object: `schema.name`, quoted. */
export function qualified(schema: string, name: string): string {
  return `(select quote_ident(nspname) from pg_namespace where oid = ${schema}) || '.' || quote_ident(${name})`;
}

/**
 * SQL of a role's name. The role that migrates is `<migrator>`: on a throw-away server it has another name than on the real
 * one. Safe, because whoever reads says who it is, and quoting keeps the word apart from any role's name.
 */
export function role(oid: string): string {
  return `coalesce(nullif(quote_ident(pg_get_userbyid(${oid})), current_setting('carthub_db.migrator')), '<migrator>')`;
}

/** SQL of the line that names the owner. */
export function owner(oid: string): string {
  return `'owner ' || ${role(oid)}`;
}

/** SQL of the words that say where a relation lies, when that is not the database's own tablespace, which is 0. */
export function tablespace(oid: string): string {
  return `'tablespace ' || (select quote_ident(spcname) from pg_tablespace where oid = ${oid})`;
}

/** SQL of the words that say how a table is stored, when that is not `heap`, which is 2 in every database. */
export function accessMethod(oid: string): string {
  return `'using ' || (select quote_ident(amname) from pg_am where oid = ${oid})`;
}

/** SQL of a left join that brings the comment on an object as `alias.description`. */
export function commentOn(catalog: string, oid: string, options: { sub?: string; alias?: string } = {}): string {
  const alias = options.alias ?? 'comment';
  return `left join pg_description ${alias} on ${alias}.objoid = ${oid} and ${alias}.classoid = '${catalog}'::regclass
    and ${alias}.objsubid = ${options.sub ?? '0'}`;
}

/** SQL of the line with a comment. */
export const COMMENT = `'comment ' || comment.description`;

/** The line that says that an object is there, but does not hold: of a constraint that was added NOT VALID, of a broken index. */
export const NOT_VALID = 'not valid';

/** SQL of what the server prints after these words, with which its text begins. */
export function after(beginning: string, text: string): string {
  return `substr(${text}, length(${beginning}) + 2)`;
}

/**
 * SQL of a list of options as `name=value, name=value`. Sorted: the server keeps them in the order in which they were set, and
 * reads them by name.
 */
export function options(list: string): string {
  return `(select string_agg(setting, ', ' order by setting collate "C") from unnest(${list}) setting)`;
}

/** SQL of the same for what leads to another server, where a value may be a secret: those are named, and not shown. */
export function foreignOptions(list: string): string {
  return `(select string_agg(case when setting ~* '^[^=]*(pass|secret|token|key)[^=]*=' then split_part(setting, '=', 1) || ' (not shown)'
      else setting end, ', ' order by setting collate "C") from unnest(${list}) setting)`;
}
