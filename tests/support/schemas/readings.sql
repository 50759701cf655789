-- In the manner of measurements kept for years: inheritance, partitions of partitions, BRIN, a trigger that routes, storage settings.
create table sensor (id smallint primary key, place point, unit varchar(8) default '°C' check (unit in ('°C', '%', 'hPa')), since date default '-infinity');
create table reading (sensor smallint not null, at timestamptz not null, value real not null default 'NaN', quality smallint check (quality between 0 and 100))
  partition by range (at);
create table reading_2023 partition of reading for values from (minvalue) to ('2024-01-01') partition by list (sensor);
create table reading_2023_a partition of reading_2023 for values in (1, 2, null);
create table reading_2023_b partition of reading_2023 default;
create table reading_2024 (value real not null default 0, at timestamptz not null, sensor smallint not null, quality smallint check (quality between 0 and 100), dropped integer);
alter table reading_2024 drop column dropped;
alter table reading_2024 rename constraint reading_2024_quality_check to reading_quality_check;
alter table reading attach partition reading_2024 for values from ('2024-01-01') to (maxvalue);
alter table reading add foreign key (sensor) references sensor;
alter table reading_2023_a alter value set default 1;
alter table reading_2024 set (autovacuum_vacuum_scale_factor = 0.01, fillfactor = 100, toast_tuple_target = 256);
create index reading_at on reading using brin (at, sensor) with (pages_per_range = 8, autosummarize = on);
create index reading_value on only reading (value);
create index reading_2024_value on reading_2024 (value);
alter index reading_value attach partition reading_2024_value;
create table log (id serial, at timestamp default now(), line text, primary key (id)) with (fillfactor = 90);
alter table log alter line set storage external;
create table log_old (check (at < '2020-01-01'), archived boolean default false) inherits (log);
create table log_new (check (at >= '2020-01-01')) inherits (log) with (autovacuum_enabled = off);
alter table log_new alter line set default 'new';
alter table log_old no inherit log;
alter table log_old inherit log;
create index on log_old (at);
create function route() returns trigger language plpgsql as $$ begin if new.at < '2020-01-01' then insert into log_old values (new.*); else insert into log_new values (new.*); end if; return null; end $$;
create trigger route before insert on log for each row execute function route();
alter table log enable always trigger route;
create view daily as select sensor, date_trunc('day', at at time zone 'UTC') as day, avg(value) filter (where value <> 'NaN') as mean,
  array_agg(distinct quality order by quality desc nulls last) as qualities, extract(isodow from at) as weekday, at::date - date '2000-01-01' as number
  from only reading_2024 tablesample system (50) repeatable (7) group by 1, 2, at;
comment on column daily.mean is 'Without what was not measured';
