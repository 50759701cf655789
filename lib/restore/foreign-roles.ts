import type { ClientBase } from 'pg';
import * as z from 'zod/mini';
import type { Sides } from '../lost-writes/survey.ts';
import type { ReleaseFile } from '../migrations/release.ts';

/**
 * Roles, who is in them, and what is set for them or for a database: they are the whole server's, and no comparison of schemas has them. RDS and
 * PostgreSQL look after their own. Passwords cannot be read. Columns that a later version adds come along.
 */
const QUERY = `
select format('role %I', rolname) as what, array[rolname::text] as names, (to_jsonb(r) - '{oid,rolpassword,rolconfig,rolvaliduntil}'::text[])::text
  || coalesce((rolvaliduntil at time zone 'UTC')::text, '') as value
from pg_catalog.pg_roles r where rolname !~ '^(pg_|rds)'
union all
select format('membership of %I in %I', m.rolname, g.rolname), array[m.rolname::text, g.rolname::text],
  jsonb_agg(to_jsonb(a) - '{oid,roleid,member,grantor}'::text[] order by (to_jsonb(a) - '{oid,roleid,member,grantor}'::text[])::text)::text
from pg_catalog.pg_auth_members a join pg_catalog.pg_roles m on m.oid = a.member join pg_catalog.pg_roles g on g.oid = a.roleid
where m.rolname !~ '^(pg_|rds)' group by m.rolname, g.rolname
union all
select format('setting %s', split_part(one, '=', 1)) || coalesce(' of role ' || quote_ident(rolname), '') || coalesce(' in database ' || quote_ident(datname), ''),
  array_remove(array[rolname::text, datname::text, lower(split_part(one, '=', 1))], null), one
from pg_catalog.pg_db_role_setting s cross join unnest(setconfig) one
left join pg_catalog.pg_roles r on r.oid = s.setrole left join pg_catalog.pg_database d on d.oid = s.setdatabase
where coalesce(rolname, '') !~ '^(pg_|rds)' and coalesce(datname, '') <> 'rdsadmin'`;

const row = z.object({ what: z.string(), names: z.array(z.string()), value: z.string() });
type Row = z.infer<typeof row>;

/**
 * What of roles the live server has otherwise than its copy, but for what files of ours name: an application whose role is new cannot log in to
 * the copy.
 *
 * @param files those of our runs since
 */
export async function readForeignRoles(
  { live, copy }: Sides,
  files: readonly Pick<ReleaseFile, 'sql'>[],
): Promise<string[]> {
  const [is, should] = [await readRows(live), await readRows(copy)];
  const all = new Map([...should, ...is]);
  const differing = [...all.values()].filter(({ what }) => is.get(what)?.value !== should.get(what)?.value);
  const foreign = differing.filter(({ names }) => !files.some(({ sql }) => isAbout(sql, names)));
  return foreign.map(({ what }) => `${what} (${!should.has(what) ? 'new' : is.has(what) ? 'another' : 'gone'})`).sort();
}

async function readRows(client: ClientBase): Promise<Map<string, Row>> {
  const { rows } = await client.query(QUERY);
  return new Map(rows.map((one) => row.parse(one)).map((one) => [one.what, one]));
}

const STATEMENT = /\b(?:(?:create|alter|drop)\s+(?:role|user|group|database)|grant|revoke|reassign)\b[^;]*/gi;

/** Whether one statement about roles names them all, as far as a text tells. */
function isAbout(sql: string, names: readonly string[]): boolean {
  const statements = sql.match(STATEMENT) ?? [];
  return statements.some((one) => {
    const words = new Set(one.toLowerCase().split(/[^\p{L}\p{N}_$.-]+/u));
    return names.every((name) => words.has(name.toLowerCase()));
  });
}
