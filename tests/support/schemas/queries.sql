-- Views, checks, defaults and policies over most of what an expression can be: what the server prints must come back as the same.
create table t (a integer, b integer, c varchar(20), d text, e numeric(8, 3), f timestamptz, g date, h boolean, i integer[], j jsonb, k char(3), l varchar, m interval, n float8, o uuid, p bytea, q time, r inet, s cidr, u name, v "char");
create table x (id integer primary key, t integer, c varchar);
alter table t add check (a between 1 and 10 and b > 0);
alter table t add check (b > 0 and a between 1 and 10);
alter table t add check (a between 1 and 10 or a between 20 and 30 or b is null);
alter table t add check (a not between 1 and 5 or h);
alter table t add check (((a > 0 and b > 0) and c is not null) and h);
alter table t add check (a > 0 and (b > 0 and (c is not null and h)));
alter table t add check (not (a > 0 or b > 0) and not h);
alter table t add check (c in ('a', 'b''c', 'd"e', E'f\\g', 'ARRAY[x]', '(y)::text[]'));
alter table t add check (c not in ('a', 'b') and d in ('c', 'd') and k in ('e', 'f') and l in ('x', d));
alter table t add check (c = any ('{a,b}') or c = any (array['a', 'b']::varchar[]) or c like any (array['a%', 'b%']));
alter table t add check (s in ('10.0.0.0/8', '10.1.0.0/16') and r in ('10.0.0.1', '::1') and u in ('x', 'y') and v in ('p', 'q'));
alter table t add check (l in (c, 'b', upper('c')) or lower(c) in ('a', 'b'));
alter table t add check (e > 0 and e < 1e6 and e in (1, 2.5, 3) and n <> 'NaN' and n > -1.5 and a > -1 and a % 2 = 0);
alter table t add check (f > '2020-01-01' and g >= date '2020-01-01' and f at time zone 'utc' > timestamp '2020-01-01 10:00' and m > '1 day' and q < '12:00');
alter table t add check (case when a > 0 then b > 0 when a = 0 then true else h is not false end);
alter table t add check (case c when 'a' then 1 when 'b' then 2 else 3 end > 1 and coalesce(a, b, 0) > nullif(b, 0));
alter table t add check (d ~* '^[a-z]+$' and d !~~ '%\_' and d similar to 'a|b' and d like 'a!_' escape '!' and d ilike '%x' and position('a' in d) > 0);
alter table t add check ((a, b) > (1, 2) and (a, b) is distinct from (null, 3) and a is not distinct from b and row(a, b) is not null);
alter table t add check (i[1] > 0 and i[1:2] = '{1,2}' and i @> array[1] and 3 = any (i) and array[a, b] <> '{}' and cardinality(i) < 5);
alter table t add check (j ->> 'a' = 'b' and j #>> '{a,b}' is null and j @> '{"a": 1}' and j ? 'a' and jsonb_typeof(j -> 'x') in ('array', 'object'));
alter table t add check (substring(d from 1 for 2) = 'ab' and substring(d from 'a(.)') = 'b' and trim(both ' ' from d) <> '' and overlay(d placing 'x' from 1) <> '' and extract(year from f) > 2000);
alter table t add check (d is normalized and h is unknown is not true and p = '\x00ff' and o <> '00000000-0000-0000-0000-000000000000' and xmlserialize(content '<a/>' as text) <> '');
alter table t add check (d collate "C" < 'z' and (d || 'x') || c <> d || ('x' || c) and - a < + b and a - (b - 1) <> (a - b) - 1 and @ a > |/ 4);
alter table t alter a set default 1 + 2 * 3, alter b set default -1, alter c set default 'x' || 'y', alter d set default current_user, alter e set default 0.10, alter f set default now() - interval '1 day',
  alter g set default (now() at time zone 'utc')::date, alter h set default not false, alter i set default array[]::integer[], alter j set default jsonb_build_object('a', 1, 'b', array[1, 2]), alter k set default 'a', alter l set default null,
  alter m set default '1 mon -2 days 03:04:05.6', alter n set default 1.0 / 3, alter o set default gen_random_uuid(), alter q set default localtime(0), alter r set default '127.0.0.1', alter u set default current_database();
create view joins as select t.a, x.*, y.c as yc from t join x on t.a = x.id and (t.b between 1 and 2 and t.h) left join (x y cross join lateral generate_series(1, y.id) with ordinality as g(n, o)) using (id) natural full join (values (1, 'a'::text), (2, null)) as v(id, z)
  where exists (select from x z where z.t = t.a or z.c in ('a', 'b')) and t.c not in (select c from x where id = any (select 1 union select 2)) and (select max(id) from x) > all (array[1, 2]);
create view sets as (select a, b::text from t where c in ('a', 'b') union all select id, c from x order by 1 limit 3) union (select 1, 'x' except select 2, 'y' intersect all select 3, null) order by 2 desc nulls first offset 1 rows fetch next 2 rows only;
create view groups as select a, grouping(a, b), count(*) filter (where h), string_agg(distinct d, ',' order by d), array(select id from x where x.t = t.a), mode() within group (order by b), sum(e) over (partition by a order by b, c desc range between unbounded preceding and current row), lag(a, 1, 0) over w
  from t group by rollup (a, b), cube (c, d), e, h having count(*) > 1 and sum(b) between 1 and 9 window w as (partition by a order by b groups 2 preceding);
create view ctes as with a as materialized (select 1 as n), b(n) as not materialized (select n + 1 from a), recursive_ as (select * from b) select a.n, b.n as m, (b.*) is null as none, ((select x from x limit 1)).c from a, b, recursive_;
create view casts as select a::text, a::numeric(5, 2) as a2, c::char(3), '12'::integer + a as s, d::varchar(5), f::date, f::timestamp(2) as f2, 'x'::"char" as x, cast(j as json), i::text[], (i::text)::varchar[] as i2, null::integer as nothing, true and h as t, 'a' as lit, 1.50 as num, 1e3 as exp, -5 as neg, E'\n\\' as esc, U&'\00e9' as uni, b'101' as bits, date '2020-02-03' as day, timestamptz '2020-02-03 04:05:06+07' as at, interval '1' year as y, interval '90' minute as mi, time with time zone '10:00+02' as tz from t;
alter table t add check (a + b > 0 and b - a < 0 and ((a = 1 or b = 2) or h) and (((a = 3)) or (b = 4 or not h)));
create index on t ((a + b), (c || d), lower(l), (j ->> 'k')) where c in ('a', 'b') and a between 1 and 3 and h;
create function parsed(n integer, m varchar default 'a') returns varchar language sql begin atomic
  select case when n between 1 and 3 and m in ('a', 'b') then m else 'z' end;
  insert into x values (n, n, m) on conflict (id) do update set c = excluded.c where x.c not in ('q', 'r') returning c;
end;
create function short(n integer) returns boolean language sql immutable return n between 1 and 3 and n in (1, 2, 3);
