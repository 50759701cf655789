-- In the manner of the sample databases about a shop that rents films: domains, enumerations, search, partitions by month, reports.
create type rating as enum ('G', 'PG', 'PG-13', 'R', 'NC-17');
create domain year as integer constraint year_check check (value >= 1901 and value <= 2155);
create domain bigint_positive as bigint check (value > 0);
create sequence film_film_id_seq;
create function last_updated() returns trigger language plpgsql as $$
begin
  new.last_update = current_timestamp;
  return new;
end $$;
create function _group_concat(text, text) returns text language sql immutable as $_$
select case when $2 is null then $1 when $1 is null then $2 else $1 || ', ' || $2 end
$_$;
create aggregate group_concat(text) (sfunc = _group_concat, stype = text);
create table language (language_id serial primary key, name character(20) not null, last_update timestamptz not null default now());
create table film (
  film_id integer default nextval('film_film_id_seq'::regclass) not null primary key,
  title text not null,
  description text,
  release_year year,
  language_id integer not null references language on update cascade on delete restrict,
  rental_duration smallint default 3 not null,
  rental_rate numeric(4, 2) default 4.99 not null,
  length smallint,
  rating rating default 'G'::rating,
  last_update timestamptz default now() not null,
  special_features text[],
  fulltext tsvector not null,
  constraint film_length check (length between 1 and 600 and rental_duration in (1, 3, 7))
);
alter sequence film_film_id_seq owned by film.film_id;
create index film_fulltext_idx on film using gist (fulltext);
create index idx_title on film (title);
create index idx_fk_language on film (language_id) where rating <> 'G';
create trigger film_fulltext_trigger before insert or update on film for each row
  execute function tsvector_update_trigger('fulltext', 'pg_catalog.english', 'title', 'description');
create trigger last_updated before update on film for each row execute function last_updated();
create table customer (
  customer_id serial primary key,
  first_name text not null,
  last_name text not null,
  activebool boolean default true not null,
  create_date date default ('now'::text)::date not null,
  active integer
);
create table payment (
  payment_id integer not null default nextval('public.film_film_id_seq'),
  customer_id integer not null,
  amount numeric(5, 2) not null check (amount > 0),
  payment_date timestamptz not null,
  primary key (payment_date, payment_id)
) partition by range (payment_date);
create table payment_p01 partition of payment for values from ('2022-01-01 00:00:00+00') to ('2022-02-01 00:00:00+00');
create table payment_p02 partition of payment for values from ('2022-02-01 00:00:00+00') to ('2022-03-01 00:00:00+00');
create index payment_customer on payment (customer_id);
alter table payment add foreign key (customer_id) references customer;
create view customer_list as
  select cu.customer_id as id, (cu.first_name || ' ' || cu.last_name) as name,
    case when cu.activebool then 'active' else '' end as notes
  from customer cu;
create view film_list as
  select f.film_id as fid, f.title, l.name as language, group_concat(f.description) as words
  from film f left join language l using (language_id)
  where f.rating in ('G', 'PG') and (f.length > 60 or f.length is null)
  group by f.film_id, f.title, l.name;
create materialized view rental_by_category as
  select f.rating, sum(p.amount) as total_sales
  from film f join payment p on p.payment_id = f.film_id
  group by f.rating order by sum(p.amount) desc with data;
create unique index rental_category on rental_by_category (rating);
create function film_in_stock(p_film_id integer, p_store_id integer, out p_film_count integer) returns setof integer language sql as $_$
  select film_id from film where film_id = $1 and $2 > 0;
$_$;
create function get_customer_balance(p_customer_id integer, p_effective_date timestamptz) returns numeric language plpgsql as $$
declare
  v_rentfees decimal(5, 2); -- fees
begin
  select coalesce(sum(amount), 0) into v_rentfees from payment where payment_date <= p_effective_date;
  return v_rentfees;
end
$$;
