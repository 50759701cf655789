-- In the manner of catalogues: trees, tags, search in two languages, operator classes of extensions, expressions in indexes.
create extension ltree;
create extension hstore;
create extension unaccent;
create extension intarray;
create extension pg_trgm;
create schema search;
create text search dictionary search.french_stem (template = snowball, language = 'french', stopwords = 'french');
create text search configuration search.fr (copy = french);
alter text search configuration search.fr alter mapping for hword, hword_part, word with unaccent, search.french_stem;
alter text search configuration search.fr drop mapping for email, url;
create collation search.numeric (provider = icu, locale = 'en-u-kn-true');
create collation search.caseless (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
create function search.plain(text) returns text language sql immutable parallel safe strict as $$ select public.unaccent('public.unaccent', lower($1)) $$;
create table category (path ltree primary key, name text not null collate search.numeric, labels hstore default 'a=>1, b=>NULL');
create table item (
  id integer generated always as identity primary key, category ltree not null references category on update cascade, title text not null, body text, language regconfig not null default 'search.fr',
  sku text collate search.caseless unique, tags integer[] not null default '{1,2}'::integer[], network cidr check (network in ('10.0.0.0/8', '192.168.0.0/16')),
  size numrange default '[1.5,2.5)', words tsvector generated always as (setweight(to_tsvector('search.fr'::regconfig, coalesce(title, '')), 'A') || to_tsvector('search.fr'::regconfig, coalesce(body, ''))) stored);
create index item_category on item using gist (category gist_ltree_ops(siglen = 100));
create index item_tags on item using gin (tags gin__int_ops);
create index item_words on item using gin (words) with (fastupdate = off, gin_pending_list_limit = 128);
create index item_title on item using gin (search.plain(title) gin_trgm_ops);
create index item_title_order on item (title collate "C" text_pattern_ops desc nulls last, (length(body)), (tags[1]));
create index item_labels on category using gist (labels);
create index item_hash on item using hash (sku);
create index item_range on item using spgist (size);
create view found as select i.id, ts_rank_cd('{0.1, 0.2, 0.4, 1.0}', i.words, q.q) as rank, ts_headline(i.language, i.title, q.q, 'StartSel=<b>, StopSel=</b>') as head, c.labels -> 'a' as label
  from item i join category c on i.category <@ c.path cross join lateral to_tsquery('search.fr', 'chat & !chien') q(q)
  where i.words @@ q.q and c.path ~ '*.animals.*{1,2}'::lquery and i.tags && '{3}' and i.title % 'x';
