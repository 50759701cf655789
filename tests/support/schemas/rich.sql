-- One object or more of every kind that a schema document knows, each with what can be set on it. Roles reader and keeper are there.
create schema app authorization keeper;
comment on schema app is 'The application';
grant usage on schema app to reader;
create schema side;
create extension hstore schema side;
create extension postgres_fdw;
create extension btree_gist schema side;
comment on extension hstore is 'Keys and values';

create collation app.german (provider = icu, locale = 'de-u-co-phonebk');
create collation app.plain from "C";
comment on collation app.german is 'As in a phone book';
create conversion app.latin for 'LATIN1' to 'UTF8' from iso8859_1_to_utf8;

create type app.mood as enum ('sad', 'ok', 'happy');
comment on type app.mood is 'How they feel';
grant usage on type app.mood to reader;
create type app.address as (street text, city varchar(50) collate "C", zip char(5));
comment on column app.address.zip is 'As written';
create type app.pair as (a integer, b text);
create type app.span as range (subtype = float8, subtype_diff = float8mi);
create type app.later;
create domain app.age as integer default 18 not null check (value >= 0);
create domain app.email as text collate app.plain constraint has_at check (value ~ '@');
alter domain app.age add constraint adult check (value < 200) not valid;
comment on domain app.email is 'Somebody@somewhere';
comment on constraint has_at on domain app.email is 'Nothing better is worth it';

create sequence app.numbers as integer increment 5 minvalue 5 maxvalue 5000 start 10 cache 3 cycle;
comment on sequence app.numbers is 'For bills';
grant usage on sequence app.numbers to reader;

create function app.stamp() returns trigger language plpgsql as $$
begin
  new.updated_at = now();
  return new;
end
$$;
comment on function app.stamp() is 'Keeps updated_at true';
create function app.add(a integer, b integer default 1) returns integer language sql immutable strict parallel safe cost 7 as 'select a + b';
revoke execute on function app.add(integer, integer) from public;
grant execute on function app.add(integer, integer) to reader;
create function app.add(a text, variadic b text[]) returns setof text language sql stable rows 7 set search_path = app, pg_temp
  as 'select a || x from unnest(b) x';
create function app.twice(n integer) returns integer language sql immutable return n * 2;
create procedure app.clean(inout n integer) language plpgsql security definer as $$ begin n := 0; end $$;
create function app.larger(a integer, b integer) returns integer language sql immutable as 'select greatest(a, b)';
create aggregate app.largest(integer) (sfunc = app.larger, stype = integer, initcond = '0', combinefunc = app.larger, parallel = safe);
comment on aggregate app.largest(integer) is 'The largest';
create function app.same(a integer, b text) returns boolean language sql immutable as 'select a::text = b';
create operator app.=== (leftarg = integer, rightarg = text, function = app.same, restrict = eqsel, join = eqjoinsel);
comment on operator app.===(integer, text) is 'The same when written';
create operator family app.whole using btree;
create operator class app.whole_ops for type integer using btree family app.whole as
  operator 1 <, operator 2 <=, operator 3 =, operator 4 >=, operator 5 >, function 1 btint4cmp(integer, integer);
create function app.to_address(text) returns app.address language sql immutable as $$ select row($1, null, null)::app.address $$;
create cast (text as app.address) with function app.to_address(text) as assignment;
comment on cast (text as app.address) is 'Street only';

create text search dictionary app.simple_german (template = pg_catalog.simple, stopwords = german);
create text search configuration app.search (copy = pg_catalog.simple);
alter text search configuration app.search alter mapping for asciiword with app.simple_german, simple;
comment on text search configuration app.search is 'For the shop';

create foreign data wrapper nothing;
create server elsewhere type 'postgres' version '15' foreign data wrapper postgres_fdw options (host 'nowhere', dbname 'other');
create user mapping for reader server elsewhere options (user 'reader', password 'secret');
create foreign table app.far (id integer options (column_name 'number') not null, note text) server elsewhere options (table_name 'near');
comment on foreign table app.far is 'Not here';

create table app.people (
  id bigint generated always as identity,
  name varchar(100) not null,
  mood app.mood default 'ok',
  age app.age,
  email app.email,
  home app.address,
  status varchar(20) not null default 'new',
  upper_name text generated always as (upper(name)) stored,
  bio text collate "C",
  tags text[] default '{}',
  score numeric(10, 2) default -1.5,
  born date default '2000-01-31',
  updated_at timestamptz default now(),
  constraint people_pkey primary key (id) with (fillfactor = 90),
  constraint people_name_key unique nulls not distinct (name, born) deferrable initially deferred,
  constraint people_status_check check (status in ('new', 'old', 'it''s')),
  constraint people_score_check check (score between -100 and 100 and score <> 0)
) with (fillfactor = 80, autovacuum_enabled = false, toast.autovacuum_enabled = false);
comment on table app.people is 'Who they are';
comment on column app.people.bio is E'What they say.\nIn two lines.';
comment on constraint people_status_check on app.people is 'The three that the shop knows';
comment on index app.people_pkey is 'By number';
alter table app.people owner to keeper;
alter table app.people alter tags set storage external, alter bio set compression pglz, alter name set statistics 500;
alter table app.people alter score set (n_distinct = 100);
alter table app.people add constraint people_age_check check (age < 150) not valid;
grant select, insert on app.people to reader;
grant update (name, bio) on app.people to reader with grant option;
create index people_name on app.people (lower(name) text_pattern_ops, born desc nulls last) include (score) where mood = 'happy';
create index people_status on app.people (status, updated_at desc);
create unique index people_email on app.people (email) where email is not null;
create index people_tags on app.people using gin (tags) with (fastupdate = off);
create index people_bio on app.people using hash (bio);
create index people_expression on app.people ((score * 2), name collate "POSIX");
alter index app.people_expression alter column 1 set statistics 200;
comment on index app.people_status is 'For the list';
create unique index people_identity on app.people (id, status);
alter table app.people replica identity using index people_identity;
alter table app.people cluster on people_status;

create table app.friends (
  one bigint not null references app.people on delete cascade on update restrict,
  other bigint not null,
  since daterange,
  weight double precision default 0.1,
  constraint friends_since exclude using gist (one with =, since with &&) where (weight > 0),
  primary key (one, other)
);
alter table app.friends add constraint friends_other_fkey foreign key (other) references app.people (id) match full
  deferrable initially deferred not valid;
comment on constraint friends_since on app.friends is 'Once at a time';
alter table app.friends replica identity full;
create table app.notes (person bigint references app.people, note text);
create rule notes_kept as on delete to app.notes do also nothing;
create unlogged table app.scratch (n integer generated by default as identity (start 100 increment 2), t timestamp(3) default '2000-01-01');
create table app.grown () inherits (app.scratch);
alter table app.grown add column more interval default '1 day 02:00:00';
create table app.typed of app.address (primary key (street));

create table app.visits (
  id bigint not null,
  at date not null,
  person bigint references app.people,
  note text default 'none',
  constraint visits_note check (note <> ''),
  primary key (id, at)
) partition by range (at);
comment on table app.visits is 'By year';
create table app.visits_2020 partition of app.visits for values from ('2020-01-01') to ('2021-01-01');
create table app.visits_2021 (id bigint not null, at date not null, person bigint, note text default 'other', constraint visits_note check (note <> ''));
alter table app.visits attach partition app.visits_2021 for values from ('2021-01-01') to ('2022-01-01');
create table app.visits_rest partition of app.visits default partition by hash (id);
create table app.visits_rest_0 partition of app.visits_rest for values with (modulus 2, remainder 0);
create index visits_person on app.visits (person);

create view app.happy with (security_barrier = true, check_option = cascaded) as
  select id, name, mood from app.people where mood in ('ok', 'happy') and status not in ('old', 'gone');
comment on view app.happy is 'Those who are';
comment on column app.happy.mood is 'Not sad';
alter view app.happy alter column mood set default 'happy';
grant select on app.happy to reader;
create view app.happier as select h.*, row_number() over (partition by mood order by id rows between 1 preceding and current row) as rank from app.happy h;
create materialized view app.totals as select status, count(*) as people from app.people group by status with no data;
create unique index totals_status on app.totals (status);
comment on materialized view app.totals is 'Every night';

create trigger people_stamp before update on app.people for each row when (old.name is distinct from new.name) execute function app.stamp();
comment on trigger people_stamp on app.people is 'Whoever writes';
create trigger people_late after insert or update of name, status on app.people for each row execute function app.stamp();
alter table app.people disable trigger people_late;
create constraint trigger people_checked after insert on app.people deferrable initially deferred for each row execute function app.stamp();
create trigger visits_stamp before insert on app.visits for each row execute function app.stamp();
create rule happy_delete as on delete to app.happy do instead nothing;
comment on rule happy_delete on app.happy is 'They stay';
alter table app.people enable row level security;
alter table app.friends enable row level security;
alter table app.friends force row level security;
create policy people_own on app.people as restrictive for update to reader, keeper using (name = current_user) with check (status <> 'old');
create policy people_all on app.people for select using (true);
comment on policy people_all on app.people is 'Everybody';

create statistics app.people_statistics (ndistinct, dependencies) on status, mood from app.people;
create statistics app.people_expression_statistics on lower(name), score from app.people;
alter statistics app.people_statistics set statistics 300;
comment on statistics app.people_statistics is 'They go together';

create function app.note_ddl() returns event_trigger language plpgsql as $$ begin null; end $$;
create event trigger noted on ddl_command_end when tag in ('CREATE TABLE', 'DROP TABLE') execute function app.note_ddl();
alter event trigger noted disable;
comment on event trigger noted is 'For the record';
create publication chosen for table app.people (id, name, status) where (status <> 'old'), app.friends with (publish = 'insert, update');
create publication everything for all tables;
create publication of_schema for tables in schema side;
comment on publication chosen is 'For the warehouse';
create subscription from_elsewhere connection 'host=nowhere' publication theirs with (connect = false, slot_name = none);

alter default privileges in schema app grant select on tables to reader;
alter default privileges for role keeper revoke execute on functions from public;
alter default privileges for role keeper grant usage on schemas to reader;

create table "Strange ""names"" here" ("a.b" integer primary key, "select" text, "Ünï" text check ("Ünï" <> 'x(y'));
create index "an index ON something USING btree" on "Strange ""names"" here" ("select");
create function "odd name("(a "char", "b c" numeric(10, 2)) returns text language sql as $$ select 'a' $$;
create table nothing ();
alter table nothing add constraint never check (false) no inherit;
