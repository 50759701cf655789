/** Mutations of what has a body or a name of its own beside tables; the rest of the table of mutations. */
export const MUTATIONS_OF_CODE: readonly [sql: string, object: string][] = [
  // Functions
  [
    `create or replace function app.stamp() returns trigger language plpgsql as $$
begin
  new.updated_at =  now();
  return new;
end
$$`,
    'function app.stamp()',
  ],
  ['alter function app.twice(integer) volatile', 'function app.twice(integer)'],
  ['alter function app.twice(integer) strict', 'function app.twice(integer)'],
  ['alter function app.twice(integer) security definer', 'function app.twice(integer)'],
  ['alter function app.twice(integer) leakproof', 'function app.twice(integer)'],
  ['alter function app.twice(integer) parallel safe', 'function app.twice(integer)'],
  ['alter function app.twice(integer) cost 5', 'function app.twice(integer)'],
  ['alter function app.add(text, text[]) rows 8', 'function app.add(text, text[])'],
  [`alter function app.add(text, text[]) set work_mem = '1MB'`, 'function app.add(text, text[])'],
  ['alter function app.add(text, text[]) reset search_path', 'function app.add(text, text[])'],
  ['alter function app.twice(integer) depends on extension hstore', 'function app.twice(integer)'],
  [
    'create or replace function app.twice(n integer) returns integer language sql immutable return n * 3',
    'function app.twice(integer)',
  ],
  ['grant execute on function app.add(integer, integer) to public', 'function app.add(integer, integer)'],
  ['create function app.twice(n bigint) returns bigint language sql return n * 2', 'function app.twice(bigint)'],
  ['alter procedure app.clean(integer) security invoker', 'procedure app.clean(integer)'],
  [
    "drop function app.add(integer, integer); create function app.add(a integer, c integer default 1) returns integer language sql immutable strict parallel safe cost 7 as 'select a + c'; revoke execute on function app.add(integer, integer) from public; grant execute on function app.add(integer, integer) to reader",
    'function app.add(integer, integer)',
  ],
  [
    `drop aggregate app.largest(integer); create aggregate app.largest(integer) (sfunc = app.larger, stype = integer, initcond = '1', combinefunc = app.larger, parallel = safe);
      comment on aggregate app.largest(integer) is 'The largest'`,
    'aggregate app.largest(integer)',
  ],
  [
    `drop aggregate app.largest(integer); create aggregate app.largest(integer) (sfunc = app.larger, stype = integer, initcond = '0', parallel = safe);
      comment on aggregate app.largest(integer) is 'The largest'`,
    'aggregate app.largest(integer)',
  ],
  // Types
  [`alter type app.mood add value 'bored'`, 'type app.mood'],
  [`alter type app.mood add value 'bored' before 'sad'`, 'type app.mood'],
  [`alter type app.mood rename value 'sad' to 'blue'`, 'type app.mood'],
  [
    `alter type app.mood rename value 'sad' to 'x'; alter type app.mood rename value 'ok' to 'sad'; alter type app.mood rename value 'x' to 'ok'`,
    'type app.mood',
  ],
  ['revoke usage on type app.mood from reader', 'type app.mood'],
  ['create type app.new_one as (a integer)', 'type app.new_one'],
  [`create type app.new_one as enum ()`, 'type app.new_one'],
  ['create type app.new_one as range (subtype = date)', 'type app.new_one'],
  ['alter domain app.age drop not null', 'domain app.age'],
  ['alter domain app.age set default 19', 'domain app.age'],
  ['alter domain app.age drop default', 'domain app.age'],
  // Triggers, rules, policies
  ['alter table app.people disable trigger people_stamp', 'trigger app.people.people_stamp'],
  ['alter table app.people enable replica trigger people_stamp', 'trigger app.people.people_stamp'],
  ['alter table app.people enable always trigger people_stamp', 'trigger app.people.people_stamp'],
  ['alter table app.people enable trigger people_late', 'trigger app.people.people_late'],
  [
    'create or replace trigger people_stamp before insert on app.people for each row when (new.id > 1) execute function app.stamp()',
    'trigger app.people.people_stamp',
  ],
  [
    'create or replace trigger people_late before insert or update of name, status on app.people for each row execute function app.stamp()',
    'trigger app.people.people_late',
  ],
  [
    'create or replace trigger people_late after insert or update of name on app.people for each row execute function app.stamp()',
    'trigger app.people.people_late',
  ],
  ['create trigger new_one after truncate on app.people execute function app.stamp()', 'trigger app.people.new_one'],
  ['alter trigger people_stamp on app.people depends on extension hstore', 'trigger app.people.people_stamp'],
  ['alter table app.visits_2020 disable trigger visits_stamp', 'trigger app.visits_2020.visits_stamp'],
  [
    'create or replace rule happy_delete as on delete to app.happy do instead delete from app.people',
    'rule app.happy.happy_delete',
  ],
  ['create rule new_one as on insert to app.friends do also nothing', 'rule app.friends.new_one'],
  ['alter table app.notes disable rule notes_kept', 'rule app.notes.notes_kept'],
  ['alter policy people_own on app.people to reader', 'policy app.people.people_own'],
  ['alter policy people_own on app.people using (true)', 'policy app.people.people_own'],
  ['alter policy people_own on app.people with check (true)', 'policy app.people.people_own'],
  [
    "drop policy people_all on app.people; create policy people_all on app.people for delete using (true); comment on policy people_all on app.people is 'Everybody'",
    'policy app.people.people_all',
  ],
  [
    "drop policy people_all on app.people; create policy people_all on app.people as restrictive for select using (true); comment on policy people_all on app.people is 'Everybody'",
    'policy app.people.people_all',
  ],
  ['alter event trigger noted enable', 'event trigger noted'],
  // The rest
  ['create schema new_one', 'schema new_one'],
  ['revoke usage on schema app from reader', 'schema app'],
  ['revoke usage on schema public from public', 'schema public'],
  ['create extension citext schema side', 'extension citext'],
  ['alter extension hstore set schema public', 'extension hstore'],
  [`update pg_extension set extversion = '1.7' where extname = 'hstore'`, 'extension hstore'],
  ['alter operator app.===(integer, text) set (restrict = none)', 'operator app.===(integer, text)'],
  ['alter operator app.===(integer, text) set (join = none)', 'operator app.===(integer, text)'],
  [
    'alter operator family app.whole using btree add function 1 (integer, bigint) btint48cmp(integer, bigint)',
    'operator family app.whole using btree',
  ],
  [
    'alter operator family app.whole using btree add operator 1 < (integer, bigint)',
    'operator family app.whole using btree',
  ],
  [
    "drop cast (text as app.address); create cast (text as app.address) with function app.to_address(text); comment on cast (text as app.address) is 'Street only'",
    'cast (text as app.address)',
  ],
  [
    "drop cast (text as app.address); create cast (text as app.address) with inout as assignment; comment on cast (text as app.address) is 'Street only'",
    'cast (text as app.address)',
  ],
  ['create cast (integer as app.mood) with inout', 'cast (integer as app.mood)'],
  [`alter text search dictionary app.simple_german (stopwords = english)`, 'text search dictionary app.simple_german'],
  [
    'alter text search configuration app.search alter mapping for asciiword with simple',
    'text search configuration app.search',
  ],
  [
    'alter text search configuration app.search alter mapping for asciiword with simple, app.simple_german',
    'text search configuration app.search',
  ],
  ['alter text search configuration app.search drop mapping for email', 'text search configuration app.search'],
  [`alter server elsewhere options (set host 'somewhere')`, 'server elsewhere'],
  [`alter server elsewhere version '16'`, 'server elsewhere'],
  ['create user mapping for keeper server elsewhere', 'user mapping for keeper on elsewhere'],
  [`alter foreign table app.far options (set table_name 'nearer')`, 'foreign table app.far'],
  ['alter foreign data wrapper nothing handler postgres_fdw_handler', 'foreign-data wrapper nothing'],
  ['alter statistics app.people_statistics set statistics 301', 'statistics app.people_statistics'],
  [
    'drop statistics app.people_expression_statistics; create statistics app.people_expression_statistics (mcv) on lower(name), score from app.people',
    'statistics app.people_expression_statistics',
  ],
  ['create statistics app.new_one on name, born from app.people', 'statistics app.new_one'],
  [`alter publication chosen set (publish = 'insert')`, 'publication chosen'],
  ['alter publication chosen set (publish_via_partition_root = true)', 'publication chosen'],
  ['alter publication chosen add table app.visits', 'publication chosen'],
  ['alter publication chosen set table app.people (id, name), app.friends', 'publication chosen'],
  [
    `alter publication chosen set table app.people (id, name, status) where (status <> 'new'), app.friends`,
    'publication chosen',
  ],
  ['alter publication of_schema add tables in schema app', 'publication of_schema'],
  ['alter subscription from_elsewhere set publication ours with (refresh = false)', 'subscription from_elsewhere'],
  [
    'alter default privileges in schema app revoke select on tables from reader',
    'default privileges of <migrator> in app on tables',
  ],
  [
    'alter default privileges in schema app grant insert on tables to reader',
    'default privileges of <migrator> in app on tables',
  ],
  [
    'alter default privileges for role keeper grant execute on functions to reader',
    'default privileges of keeper on functions',
  ],
  ['alter default privileges grant usage on types to reader', 'default privileges of <migrator> on types'],
];
