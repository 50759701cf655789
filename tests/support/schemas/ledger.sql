-- In the manner of bookkeeping: exclusion constraints over ranges, deferred constraint triggers, generated columns, rules that refuse.
create extension btree_gist;
create domain amount as numeric(20, 4) not null default 0 check (value = round(value, 2));
create domain iso_currency as char(3) check (value ~ '^[A-Z]{3}$' and value not in ('XXX', 'XTS'));
create type entry_side as enum ('debit', 'credit');
create type money_in as (value numeric(20, 4), currency char(3));
create table account (
  id integer primary key, parent integer references account deferrable, code varchar(12) not null,
  currency iso_currency default 'EUR', opened daterange not null default daterange(current_date, null), kind "char" default 'a',
  constraint account_code_format check (code similar to '[0-9]+(.[0-9]+)*' or code like 'X\_%' escape '\'),
  exclude using gist (code with =, opened with &&) deferrable initially deferred);
create table posting (
  id bigint generated always as identity (start 1000 cache 20), account integer not null references account match full on update cascade,
  side entry_side not null, value amount, signed numeric generated always as (case side when 'debit' then value::numeric else -(value::numeric) end) stored,
  valid tstzrange default tstzrange(now(), 'infinity'), at timestamp(0) without time zone default ('now'::text)::timestamp(0) without time zone,
  during interval hour to minute default '01:30', memo money_in default row(1.5, 'EUR')::money_in, mask bit(8) default B'10101010', flags bit varying(5) default B'1',
  price money default '12.50'::money, point point default '(1,2)', mac macaddr, doc xml default '<a/>', ranges int4multirange default '{[1,3), [5,9)}',
  primary key (id, account)) partition by hash (account);
create table posting_0 partition of posting for values with (modulus 2, remainder 0) with (fillfactor = 70);
create table posting_1 partition of posting for values with (modulus 2, remainder 1);
create function balanced() returns trigger language plpgsql as $$ begin if (select sum(signed) from posting) <> 0 then raise exception 'not balanced'; end if; return null; end $$;
create constraint trigger balanced after insert or update on posting deferrable initially deferred for each row execute function balanced();
create rule no_delete as on delete to account do instead nothing;
create rule keep_history as on update to account where old.code is distinct from new.code do also insert into account (id, code) values (-new.id, old.code);
create index posting_valid on posting using gist (valid) include (account);
create index posting_brin on posting using brin (at) with (pages_per_range = 32);
create statistics posting_side (mcv) on account, side from posting;
create view balance (account, total, share, "rank") as
  with recursive tree as (
    select id, id as root from account where parent is null
    union all
    select a.id, t.root from account a join tree t on a.parent = t.id
  ) cycle id set looped using path
  select t.root, sum(p.signed), sum(p.signed) / nullif(sum(sum(p.signed)) over w, 0), rank() over (w rows between unbounded preceding and current row exclude ties)
  from tree t join lateral (select * from posting p where p.account = t.id order by at desc fetch first 10 rows with ties) p on true
  where not looped group by t.root window w as (order by t.root);
