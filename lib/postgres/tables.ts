/** The schema that holds our own tables in a migrated database. Fingerprints and expected schemas leave it out. */
export const OWN_SCHEMA = 'carthub_db';

/**
 * Our tables. `schemaversion` has postgrator's columns (version, name, md5, run_at), so that a team can go back to it, and
 * three of ours. `journal` proves what a run did; `fence` holds the token without which nobody commits; `heartbeat` gives a
 * point-in-time recovery a commit to stop at. Safe to run again; run it under the run lock.
 */
export const CREATE_OWN_TABLES = `
create schema if not exists carthub_db;
create table if not exists carthub_db.schemaversion (
  version bigint primary key,
  name text,
  md5 text,
  run_at timestamptz,
  sha256 text,
  run_id text,
  duration_ms integer
);
create table if not exists carthub_db.journal (
  id bigint generated always as identity primary key,
  run_id text not null,
  token bigint not null,
  version bigint not null,
  file text not null,
  sha256 text not null,
  -- 0 for a file in one transaction, else the statement's number from 1
  step integer not null,
  -- transaction: a whole file; intent: about to run a statement outside a transaction; done: it ended well;
  -- refused: the server reported that it failed; accepted: a person took the state as it is
  state text not null check (state in ('transaction', 'intent', 'done', 'refused', 'accepted')),
  xid xid8 not null default pg_current_xact_id(),
  at timestamptz not null default clock_timestamp(),
  -- of a transaction: rows changed by table, relations truncated or rewritten, above which id it had no subtransaction;
  -- of a statement: the SHA-256 of its text; refused: the SQLSTATE; accepted: whether it runs again
  detail jsonb
);
create table if not exists carthub_db.fence (
  singleton boolean primary key default true check (singleton),
  token bigint not null
);
create table if not exists carthub_db.heartbeat (
  singleton boolean primary key default true check (singleton),
  at timestamptz not null
);
insert into carthub_db.fence (token) values (0) on conflict do nothing;
insert into carthub_db.heartbeat (at) values (clock_timestamp()) on conflict do nothing;
`;

/** Key of the advisory lock that a migration's session holds: "carthub" in ASCII. */
export const RUN_LOCK = '27973166901523810';
