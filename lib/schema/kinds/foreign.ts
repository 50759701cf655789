import { COMMENT, commentOn, foreignOptions, isNoMember, lines, owner, role, when, words } from './fragments.ts';
import { grants } from './grants.ts';
import type { KindQuery } from './kind.ts';

export const foreignDataWrappers: KindQuery = {
  catalog: 'pg_foreign_data_wrapper',
  partOf: null,
  select: `select 'foreign-data wrapper' as kind, w.oid, 0 as sub, 0::oid as parent, quote_ident(w.fdwname) as name,
    ${lines(
      words(
        when('w.fdwhandler <> 0', `'handler ' || w.fdwhandler::regprocedure::text`),
        when('w.fdwvalidator <> 0', `'validator ' || w.fdwvalidator::regprocedure::text`),
      ),
      `'options ' || ${foreignOptions('w.fdwoptions')}`,
      owner('w.fdwowner'),
      'granted.lines',
      COMMENT,
    )} as text,
    array[w.xmin, comment.xmin] as xids
  from pg_foreign_data_wrapper w
  ${commentOn('pg_foreign_data_wrapper', 'w.oid')}
  ${grants('pg_foreign_data_wrapper', 'w', { list: 'fdwacl', owner: 'fdwowner' }, 'F')}
  where ${isNoMember('pg_foreign_data_wrapper', 'w.oid')}`,
};

export const servers: KindQuery = {
  catalog: 'pg_foreign_server',
  partOf: null,
  select: `select 'server' as kind, s.oid, 0 as sub, 0::oid as parent, quote_ident(s.srvname) as name,
    ${lines(
      words(
        `'of ' || (select quote_ident(fdwname) from pg_foreign_data_wrapper where oid = s.srvfdw)`,
        `'type ' || quote_literal(s.srvtype)`,
        `'version ' || quote_literal(s.srvversion)`,
      ),
      `'options ' || ${foreignOptions('s.srvoptions')}`,
      owner('s.srvowner'),
      'granted.lines',
      COMMENT,
    )} as text,
    array[s.xmin, comment.xmin] as xids
  from pg_foreign_server s
  ${commentOn('pg_foreign_server', 's.oid')}
  ${grants('pg_foreign_server', 's', { list: 'srvacl', owner: 'srvowner' }, 'S')}
  where ${isNoMember('pg_foreign_server', 's.oid')}`,
};

/** That there is one, and for whom. Its options hold a password, and only the role itself may read them. */
export const userMappings: KindQuery = {
  catalog: 'pg_user_mapping',
  partOf: null,
  select: `select 'user mapping' as kind, m.umid as oid, 0 as sub, 0::oid as parent,
    concat('for ', case m.umuser when 0 then 'PUBLIC' else ${role('m.umuser')} end, ' on ', quote_ident(m.srvname)) as name,
    '' as text,
    -- pg_user_mapping, where the transaction stands, is for superusers.
    array[]::xid[] as xids
  from pg_user_mappings m`,
};
