import { lines, role, when } from './fragments.ts';
import { grantLines } from './grants.ts';
import type { KindQuery } from './kind.ts';

const OBJECTS = `case d.defaclobjtype when 'r' then 'tables' when 'S' then 'sequences' when 'f' then 'functions' when 'T' then 'types'
    else 'schemas' end`;

const LIST = { list: 'd.defaclacl', owner: 'd.defaclrole' };

/** What is granted on objects to come. In one schema it adds to the rest, so there the default to tell it from is nothing. */
export const defaultPrivileges: KindQuery = {
  catalog: 'pg_default_acl',
  partOf: null,
  select: `select 'default privileges' as kind, d.oid, 0 as sub, 0::oid as parent,
    concat('of ', ${role('d.defaclrole')}, ' in ' || (select quote_ident(nspname) from pg_namespace where oid = d.defaclnamespace),
      ' on ', ${OBJECTS}) as name,
    ${lines(
      when(
        'd.defaclnamespace = 0',
        grantLines({ ...LIST, type: `case d.defaclobjtype when 'S' then 's' else d.defaclobjtype end` }),
      ),
      when('d.defaclnamespace <> 0', grantLines({ ...LIST, type: null })),
    )} as text,
    array[d.xmin] as xids
  from pg_default_acl d`,
};
