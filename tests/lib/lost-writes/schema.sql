create schema app;
create schema "Odd ""Schema""";

create type app.mood as enum ('sad', 'it''s ok', 'happy');
create type app.pair as (left_side integer, "right side" text);
create domain app.positive as integer check (value > 0);

create table app.owners (
  id bigint primary key,
  name text not null,
  -- a circle: an owner's favourite is an item of anybody
  favourite bigint
);

create table app.items (
  id bigint generated always as identity primary key,
  owner bigint not null references app.owners (id) on delete cascade,
  code text not null unique,
  n integer not null default 0,
  twice integer generated always as (n * 2) stored,
  note text
);
create index on app.items (n);
alter table app.owners add foreign key (favourite) references app.items (id) on delete set null deferrable initially deferred;

create table app.log (id bigserial primary key, what text not null, at timestamptz not null default clock_timestamp());
create function app.write_log() returns trigger language plpgsql as $$
begin
  insert into app.log (what) values (tg_op || ' ' || coalesce(new.code, old.code));
  return null;
end $$;
create trigger items_log after insert or update or delete on app.items for each row execute function app.write_log();

create table "Odd ""Schema"""."Events; drop" (
  "the key" uuid not null,
  region text collate "C" not null,
  "value;--" text,
  primary key (region, "the key")
) partition by list (region);
create table "Odd ""Schema"""."in 'eu'" partition of "Odd ""Schema"""."Events; drop" for values in ('eu');
create table "Odd ""Schema"""."in us" partition of "Odd ""Schema"""."Events; drop" for values in ('us');

create table app.counters (name varchar(20) primary key, n bigint not null);

create table app.settings (name text primary key, value text);
insert into app.settings select 'setting ' || i, 'old' from generate_series(1, 500) i;

create table app.types (
  id numeric(10, 2) primary key,
  a integer[], aa text[][], j json, jb jsonb, b bytea, num numeric, real4 real, real8 double precision,
  tz timestamptz, ts timestamp, d date, t time, iv interval, m app.mood, ms app.mood[], r int4range, mr datemultirange,
  p app.pair, ps app.pair[], c money, x xml, ch char(5), vc varchar(9), bits bit varying, ip inet, pos app.positive,
  one "char", tsv tsvector, pt point, flag boolean, txt text
);
