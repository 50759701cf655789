import { COMMENT, commentOn, isNoMember, lines, owner, SCHEMAS } from './fragments.ts';
import { grants } from './grants.ts';
import type { KindQuery } from './kind.ts';

export const schemas: KindQuery = {
  catalog: 'pg_namespace',
  partOf: null,
  select: `select 'schema' as kind, n.oid, 0 as sub, 0::oid as parent, quote_ident(n.nspname) as name,
    ${lines(owner('n.nspowner'), 'granted.lines', COMMENT)} as text,
    array[n.xmin, comment.xmin] as xids
  from pg_namespace n
  ${commentOn('pg_namespace', 'n.oid')}
  ${grants('pg_namespace', 'n', { list: 'nspacl', owner: 'nspowner' }, 'n')}
  where n.oid in ${SCHEMAS} and ${isNoMember('pg_namespace', 'n.oid')}`,
};

/**
 * The owner is left out: it is whoever ran CREATE EXTENSION, no command changes it, and a dump does not keep it. On a platform it
 * is often a role of the platform.
 */
export const extensions: KindQuery = {
  catalog: 'pg_extension',
  partOf: null,
  select: `select 'extension' as kind, e.oid, 0 as sub, 0::oid as parent, quote_ident(e.extname) as name,
    ${lines(`'version ' || e.extversion`, `'schema ' || quote_ident(n.nspname)`, COMMENT)} as text,
    array[e.xmin, comment.xmin] as xids
  from pg_extension e join pg_namespace n on n.oid = e.extnamespace
  ${commentOn('pg_extension', 'e.oid')}`,
};
