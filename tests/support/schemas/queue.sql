-- In the manner of job queues inside PostgreSQL: a state machine in an enumeration, partitions by queue, functions that make SQL.
create schema queue;
create type queue.job_state as enum ('created', 'retry', 'active', 'completed', 'cancelled', 'failed');
create table queue.version (version int primary key, cron_on timestamp with time zone);
create table queue.definition (
  name text, policy text, retry_limit int, retry_delay int, expire_seconds int, dead_letter text references queue.definition (name) check (dead_letter is distinct from name),
  partition_name text, created_on timestamptz not null default now(), updated_on timestamptz not null default now(), primary key (name),
  constraint policy_known check (policy in ('standard', 'short', 'singleton', 'stately')));
create table queue.job (
  id uuid not null default gen_random_uuid(), name text not null, priority integer not null default (0), data jsonb,
  state queue.job_state not null default ('created'), retry_limit integer not null default (2), retry_count integer not null default (0),
  start_after timestamptz not null default now(), started_on timestamptz, singleton_key text, singleton_on timestamp without time zone,
  expire_in interval not null default interval '15 minutes', created_on timestamptz not null default now(), completed_on timestamptz,
  keep_until timestamptz not null default now() + interval '14 days', policy text
) partition by list (name);
alter table queue.job add primary key (name, id);
create table queue.job_common (like queue.job including defaults including constraints);
create table queue.job_email (like queue.job including defaults including constraints);
create unique index job_common_i1 on queue.job_common (name, coalesce(singleton_key, '')) where state = 'created' and policy = 'short';
create unique index job_common_i4 on queue.job_common (name, singleton_on, coalesce(singleton_key, '')) where state <> 'cancelled' and singleton_on is not null;
create index job_common_i5 on queue.job_common (name, start_after) include (priority, created_on, id) where state < 'active';
alter table queue.job_common add constraint job_common_pkey primary key (name, id);
alter table queue.job attach partition queue.job_common default;
alter table queue.job_email add primary key (name, id);
alter table queue.job attach partition queue.job_email for values in ('email', 'e-mail');
create unlogged table queue.heartbeat (worker text primary key, at timestamptz not null default clock_timestamp());
create function queue.fetch(batch integer, variadic names text[]) returns setof queue.job language plpgsql as $fn$
declare
  statement text := format($q$update queue.job set state = 'active' where name = any (%L) and state < 'active'$q$, names);
begin
  return query execute statement || ' returning *';
end;
$fn$;
create procedure queue.sweep(older interval default '1 day'::interval) language plpgsql as $$
begin
  delete from queue.job where completed_on < now() - older;
  commit;
end $$;
create or replace function queue.notify() returns trigger as $BODY$ begin perform pg_notify('jobs', new.name); return null; end; $BODY$ language plpgsql volatile cost 100;
create trigger notify after insert on queue.job for each row when (new.start_after <= now() and new.state = any (enum_range('created'::queue.job_state, 'retry'))) execute function queue.notify();
create view queue.stats as
  select name, state, count(*) size, percentile_cont(0.95) within group (order by extract(epoch from completed_on - started_on)) as p95
  from queue.job group by grouping sets ((name, state), (name), ()) having count(*) > 0 or name is null;
