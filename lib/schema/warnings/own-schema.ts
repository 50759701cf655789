import * as z from 'zod/mini';
import { OWN_SCHEMA } from '../../postgres/tables.ts';
import { look } from './warning.ts';

/**
 * The history, the journal and the token prove what a run did: whoever may write there, may forge it. Reading is for everybody who is
 * let in by name; of PUBLIC nobody knows who that is.
 */
export const ownSchema = look({
  about: 'own schema',
  sql: `select object, grantee, string_agg(distinct privilege_type, ', ' order by privilege_type) as rights from (
      select quote_ident(nspname) as object, a.grantee as oid, n.nspowner as owner, a.privilege_type
        from pg_namespace n, aclexplode(n.nspacl) a where n.nspname = '${OWN_SCHEMA}'
      union all
      select format('%I.%I', n.nspname, c.relname), a.grantee, c.relowner, a.privilege_type
        from pg_class c join pg_namespace n on n.oid = c.relnamespace, aclexplode(c.relacl) a where n.nspname = '${OWN_SCHEMA}'
    ) granted
    cross join lateral (select case granted.oid when 0 then 'PUBLIC' else quote_ident(pg_get_userbyid(granted.oid)) end as grantee) named
    where granted.oid <> granted.owner and (granted.oid = 0 or privilege_type not in ('SELECT', 'USAGE'))
    group by object, grantee order by object, grantee`,
  row: { object: z.string(), grantee: z.string(), rights: z.string() },
  tell: ({ object, grantee, rights }) => ({
    object,
    message: `${grantee} has ${rights} on ${object}, the schema that proves what a run did.`,
    remedy: `REVOKE ${rights} ON ${object.includes('.') ? '' : 'SCHEMA '}${object} FROM ${grantee}`,
  }),
});
