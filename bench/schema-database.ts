/**
 * The database of the measurement: 10,000 tables of different shape, each with a primary key and two indexes; a comment and a grant on each; a
 * comment on a column; 2,000 functions with comments and grants; a trigger on every tenth table, a check and a partial index on
 * every tenth, and a foreign key on every fifth.
 */
export const BEGIN_DATABASE = `
create role reporting;
create role auditor;
create schema app;
create function app.stamp() returns trigger language plpgsql as $$ begin new.updated_at = now(); return new; end $$`;

/** The tables. A statement of its own, since it commits on its way. */
export const MAKE_TABLES = `do $do$
begin
  for n in 1..10000 loop
    execute format($$
      create table app.table_%1$s (id bigint primary key, parent_id bigint, name varchar(255) not null, amount numeric(10, 2) default 0,
        status text not null default 'new', updated_at timestamptz default now());
      create index table_%1$s_name on app.table_%1$s (name);
      create index table_%1$s_parent on app.table_%1$s (parent_id, updated_at desc) %2$s;
      comment on table app.table_%1$s is 'Table number %1$s of the measurement';
      comment on column app.table_%1$s.name is 'What people call it';
      grant select on app.table_%1$s to reporting$$, n, case when n % 10 = 1 then 'where amount > 0' end);
    if n % 10 = 2 then
      execute format('alter table app.table_%1$s add check (amount >= 0)', n);
    elsif n % 10 = 3 then
      execute format('create trigger stamp before update on app.table_%1$s for each row execute function app.stamp()', n);
    end if;
    if n % 5 = 0 then
      execute format($$
        alter table app.table_%1$s add foreign key (parent_id) references app.table_%2$s;
        create function app.function_%1$s(a integer, b text) returns bigint language sql stable
          as 'select count(*) from app.table_%1$s where id = a and name = b';
        comment on function app.function_%1$s is 'Counts in table %1$s';
        revoke execute on function app.function_%1$s from public;
        grant execute on function app.function_%1$s to auditor$$, n, n - 1);
    end if;
    if n % 500 = 0 then commit; end if;
  end loop;
end $do$`;

/** What a team does by hand at night: ten objects that are not as they should be. */
export const MAKE_DIFFERENCES = `
alter table app.table_1 add column by_hand text;
alter table app.table_2 alter amount set default 1;
drop index app.table_3_name;
create index by_hand on app.table_4 (status);
revoke select on app.table_5 from reporting;
comment on table app.table_6 is 'Mine';
create table app.made_by_hand (id integer);
drop function app.function_5;
alter table app.table_13 disable trigger stamp;
alter table app.table_10 drop constraint table_10_parent_id_fkey`;
