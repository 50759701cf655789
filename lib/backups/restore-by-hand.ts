import type { StoredObject } from './manifest.ts';

/** What a person types to have the backup back who has nothing but psql, pg_restore and the AWS command line. */
export function restoreByHand(options: {
  bucket: string;
  major: number;
  encoding: string;
  globals: StoredObject;
  dump: readonly StoredObject[];
}): string[] {
  const { bucket, major, encoding, globals, dump } = options;
  const get = ({ key }: StoredObject) => `aws s3 cp s3://${bucket}/${key} -`;
  const stream = dump.length === 1 ? dump.map(get).join() : `(${dump.map(get).join(' && ')})`;
  return [
    'set -o pipefail',
    `# Needs psql and pg_restore of PostgreSQL ${major}, and PGHOST, PGUSER and PGPASSWORD of a new server of that version`,
    '# 1. Is it what was stored? Each line ends with OK',
    ...[globals, ...dump].map((object) => `${get(object)} | sha256sum | grep -q ${object.sha256} && echo OK`),
    "# 2. Roles, without passwords: set those afterwards. That a role exists already, or that one of the server's own may not be granted,",
    '# is no harm. Only a superuser may name what is taken out. Whoever is none has to be a member of a role to give it a table',
    `${get(globals)} | sed -E 's/ NO(SUPERUSER|REPLICATION|BYPASSRLS)//g; s/ GRANTED BY [^;]+//' | psql --dbname=postgres`,
    `printf '%s\\n' "${JOIN} \\gexec" | psql --dbname=postgres`,
    '# 3. The database, empty, and its contents. Rights come last in a dump, so who is no superuser is refused some owners at first:',
    '# those statements again. Any other error ends it: drop the database, and correct that',
    `psql --dbname=postgres --command="create database restored template template0 encoding '${encoding}'"`,
    `${stream} | pg_restore --no-tablespaces --dbname=restored 2> restore.log || tail -n 1 restore.log`,
    `echo "Errors: $(grep -c 'error: ' restore.log), of owners: $(grep -cE '${OWNER}' restore.log): two numbers that have to be equal"`,
    `sed -nE 's/${OWNER}/\\1/p' restore.log | psql --set=ON_ERROR_STOP=1 --dbname=restored`,
    '# 4. Statistics, which a dump does not hold; then compare the rows with "tables" in this document',
    'psql --dbname=restored --command=analyze',
  ];
}

const JOIN = `select format('grant %I to current_user', rolname) from pg_roles where rolname !~ '^(pg_|rds)' and not rolsuper and not pg_has_role(oid, 'usage') and not pg_has_role(rolname, current_user, 'member')`;
const OWNER = '^Command was: (ALTER .* OWNER TO .*;)$';
