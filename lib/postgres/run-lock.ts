import { RUN_LOCK } from './tables.ts';

/**
 * Which rows of pg_locks are the run lock of the database, held: a bigint key stands there as two halves, with objsubid 1
 * (https://www.postgresql.org/docs/15/view-pg-locks.html).
 */
export const IS_RUN_LOCK = `locktype = 'advisory' and database = (select oid from pg_catalog.pg_database where datname = current_database())
  and objsubid = 1 and granted and ((classid::bigint << 32) | objid::bigint) = ${RUN_LOCK}`;
