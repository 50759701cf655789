-- In the manner of what Rails makes: bigserial keys, timestamps of six digits, long lists of indexes, foreign keys named after hashes.
create extension citext;
create extension pg_trgm;
create table schema_migrations (version character varying not null primary key);
create table ar_internal_metadata (
  key character varying not null primary key,
  value character varying,
  created_at timestamp(6) without time zone not null,
  updated_at timestamp(6) without time zone not null
);
create table users (
  id bigserial primary key,
  email citext default ''::citext not null,
  encrypted_password character varying default ''::character varying not null,
  sign_in_count integer default 0 not null,
  current_sign_in_ip inet,
  locale character varying(10),
  settings jsonb default '{}'::jsonb not null,
  role character varying default 'member',
  deleted_at timestamp without time zone,
  created_at timestamp(6) without time zone not null,
  updated_at timestamp(6) without time zone not null,
  constraint users_role check (role in ('member', 'moderator', 'admin')),
  constraint check_1a2b3c4d5e check (char_length((locale)::text) <= 10)
);
create unique index index_users_on_email on users using btree (email);
create index index_users_on_lower_role on users (lower((role)::text), created_at desc);
create index index_users_on_settings on users using gin (settings jsonb_path_ops);
create index index_users_on_email_trigram on users using gin ((email::text) gin_trgm_ops);
create index index_users_on_deleted_at on users (deleted_at) where deleted_at is not null;
create table posts (
  id bigserial primary key,
  user_id bigint not null,
  parent_id bigint,
  slug character varying not null,
  title character varying not null,
  body text,
  state integer default 0 not null,
  score double precision default 0.0,
  tags character varying[] default '{}'::character varying[],
  lock_version integer default 0 not null,
  created_at timestamp(6) without time zone not null,
  updated_at timestamp(6) without time zone not null
);
create unique index index_posts_on_user_id_and_slug on posts (user_id, slug);
create index index_posts_on_parent_id on posts (parent_id);
create index index_posts_on_tags on posts using gin (tags);
create index index_posts_on_user_id_and_state_and_created_at on posts (user_id, state, created_at desc nulls last) where state in (1, 2);
alter table posts add constraint fk_rails_5b5ddfd518 foreign key (user_id) references users (id) on delete cascade;
alter table posts add constraint fk_rails_0c6e1f8e6a foreign key (parent_id) references posts (id) on delete set null not valid;
alter table posts add constraint check_state check ((state = any (array[0, 1, 2, 3])) and (title <> '' or body is not null)) not valid;
create table active_storage_blobs (
  id bigserial primary key,
  key character varying not null,
  filename character varying not null,
  metadata text,
  byte_size bigint not null,
  checksum character varying,
  created_at timestamp(6) without time zone not null
);
create unique index index_active_storage_blobs_on_key on active_storage_blobs (key);
create view post_counts as
  select users.id as user_id, count(posts.id) filter (where posts.state not in (0, 3)) as visible, max(posts.created_at) as last_at
  from users left outer join posts on posts.user_id = users.id and posts.state <> 3
  group by users.id;
