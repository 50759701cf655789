import { role } from './fragments.ts';

/**
 * SQL of what was granted on one object, as lines.
 *
 * Said is the difference from what the server gives such an object by itself: `grant SELECT to reporting`, `revoke EXECUTE from
 * PUBLIC`. Safe, because an empty list means exactly that default (https://www.postgresql.org/docs/15/ddl-priv.html); the
 * server writes it out as soon as anything was granted once, and a dump does not keep which of the two it was. Sorted, because
 * the list is a set. Who granted is said where it was not the owner.
 *
 * @param type the letter of `acldefault()`; null where nothing is granted by default
 */
export function grantLines({ list, owner, type }: { list: string; owner: string; type: string | null }): string {
  const given = `select * from aclexplode(${list})`;
  const byDefault = `select * from aclexplode(${type === null ? 'null::aclitem[]' : `acldefault(${type}, ${owner})`})`;
  return `(select string_agg(line, E'\\x1f' order by line collate "C") from (
      select concat(verb, ' ', string_agg(privilege_type || case when is_grantable then ' with grant option' else '' end, ', '
          order by privilege_type collate "C"), case verb when 'grant' then ' to ' else ' from ' end,
        case grantee when 0 then 'PUBLIC' else ${role('grantee')} end,
        case when grantor <> ${owner} then ' by ' || ${role('grantor')} end) as line
      from (
        select 'grant' as verb, more.* from (${given} except ${byDefault}) more
        union all
        select 'revoke', less.* from (${byDefault} except ${given}) less
      ) change group by verb, grantor, grantee
    ) line)`;
}

/**
 * SQL of a left join that brings {@link grantLines} as `granted.lines`. Each different list is spelled once, and then looked up:
 * thousands of tables share a few. Materialized, because a planner that expects one row would spell them all for every row.
 */
export function grants(catalog: string, alias: string, columns: { list: string; owner: string }, type: string): string {
  const { list, owner } = columns;
  return `left join (
    with granted as materialized (
      select list, owner, ${grantLines({ list: 'lists.list', owner: 'lists.owner', type: `'${type}'` })} as lines
      from (select distinct ${list} as list, ${owner} as owner from ${catalog} where ${list} is not null) lists
    ) select * from granted
  ) granted on granted.list = ${alias}.${list} and granted.owner = ${alias}.${owner}`;
}
