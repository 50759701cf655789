import { COMMENT, commentOn, isCompared, lines, role, when } from './fragments.ts';
import type { KindQuery } from './kind.ts';

/** Roles are sorted: a policy is for a set of them. */
export const policies: KindQuery = {
  catalog: 'pg_policy',
  partOf: { catalog: 'pg_class', as: 'policy' },
  select: `select 'policy' as kind, p.oid, 0 as sub, p.polrelid as parent, quote_ident(p.polname) as name,
    ${lines(
      `concat(case when p.polpermissive then 'permissive' else 'restrictive' end,
        ' for ', case p.polcmd when 'r' then 'SELECT' when 'a' then 'INSERT' when 'w' then 'UPDATE' when 'd' then 'DELETE' else 'ALL' end,
        ' to ', (select string_agg(name, ', ' order by name collate "C") from (
          select case r when 0 then 'PUBLIC' else ${role('r')} end as name from unnest(p.polroles) r) role))`,
      when('p.polqual is not null', `'using ' || pg_get_expr(p.polqual, p.polrelid)`),
      when('p.polwithcheck is not null', `'with check ' || pg_get_expr(p.polwithcheck, p.polrelid)`),
      COMMENT,
    )} as text,
    array[p.xmin, comment.xmin] as xids
  from pg_policy p
  join pg_class c on c.oid = p.polrelid
  ${commentOn('pg_policy', 'p.oid')}
  where ${isCompared('pg_class', 'c', 'relnamespace')}`,
};
