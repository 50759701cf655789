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
    `# Needs psql and pg_restore of PostgreSQL ${major}, and PGHOST, PGUSER and PGPASSWORD of a new server of that version`,
    '# 1. Is it what was stored? Each line ends with OK',
    ...[globals, ...dump].map((object) => `${get(object)} | sha256sum | grep -q ${object.sha256} && echo OK`),
    '# 2. Roles, without passwords: set those afterwards. That a role exists already is no harm',
    `${get(globals)} | psql --dbname=postgres`,
    '# 3. The database, empty, and its contents; any error ends it',
    `psql --dbname=postgres --command="create database restored template template0 encoding '${encoding}'"`,
    `${stream} | pg_restore --exit-on-error --no-tablespaces --dbname=restored`,
    '# 4. Statistics, which a dump does not hold; then compare the rows with "tables" in this document',
    'psql --dbname=restored --command=analyze',
  ];
}
