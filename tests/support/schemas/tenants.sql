-- In the manner of services that put an API in front of the database: schemas for what is public and private, row security everywhere,
-- functions that run as their owner with an empty search path, default privileges for each role.
create schema auth authorization keeper;
create schema api;
create schema private;
revoke all on schema private from public;
grant usage on schema api to reader;
create extension pgcrypto schema private;
create extension "uuid-ossp" schema private;
create type auth.factor_type as enum ('totp', 'webauthn', 'phone');
create table auth.users (
  id uuid not null default gen_random_uuid() primary key,
  email text, phone text default null::character varying,
  encrypted_password varchar(255), confirmed_at timestamptz generated always as (least(email_confirmed_at, phone_confirmed_at)) stored,
  email_confirmed_at timestamptz, phone_confirmed_at timestamptz,
  raw_user_meta_data jsonb, is_anonymous boolean not null default false,
  email_change_confirm_status smallint default 0 check (email_change_confirm_status >= 0 and email_change_confirm_status <= 2)
);
create unique index users_email_partial_key on auth.users (email) where is_anonymous = false;
comment on index auth.users_email_partial_key is 'Applies only to known users';
comment on table auth.users is 'Auth: Stores user login data within a secure schema.';
alter table auth.users owner to keeper;
create function auth.uid() returns uuid language sql stable as $$
  select coalesce(nullif(current_setting('request.jwt.claim.sub', true), ''), (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub'))::uuid
$$;
create table api.tenants (id uuid primary key default private.uuid_generate_v4(), name text not null unique, plan text not null default 'free');
create table api.members (
  tenant uuid not null references api.tenants on delete cascade, member uuid not null references auth.users on delete cascade,
  role text not null default 'viewer' check (role = any (array['owner'::text, 'editor', 'viewer'])), primary key (tenant, member));
create table api.documents (
  id bigint generated always as identity primary key, tenant uuid not null references api.tenants, author uuid default auth.uid() references auth.users on delete set null,
  title text not null check (length(title) between 1 and 200), body text, secret bytea default '\xdeadbeef', created timestamptz not null default timezone('utc', now()));
create function private.is_member(t uuid, variadic roles text[] default array['viewer', 'editor', 'owner']) returns boolean
  language sql stable security definer set search_path = '' as $$
  select exists (select from api.members m where m.tenant = t and m.member = auth.uid() and m.role = any (roles));
$$;
revoke execute on function private.is_member(uuid, text[]) from public;
grant execute on function private.is_member(uuid, text[]) to reader, keeper;
alter table api.tenants enable row level security;
alter table api.members enable row level security;
alter table api.documents enable row level security;
alter table api.documents force row level security;
create policy "Members see their tenants" on api.tenants for select to reader using (private.is_member(id));
create policy "Owners change them" on api.tenants for update to reader using (private.is_member(id, 'owner')) with check (private.is_member(id, 'owner') and plan in ('free', 'paid'));
create policy "Nobody sees others" on api.members as restrictive using (member = auth.uid() or private.is_member(tenant, 'owner'));
create policy documents_read on api.documents for select using (private.is_member(tenant));
create policy documents_write on api.documents for insert to reader, keeper with check (author = auth.uid() and private.is_member(tenant, 'editor', 'owner'));
create view api.me with (security_invoker = true) as select u.id, u.email, u.raw_user_meta_data ->> 'name' as name from auth.users u where u.id = auth.uid();
grant select, insert, update (title, body), delete on api.documents to reader;
grant select on all tables in schema api to keeper with grant option;
grant usage on sequence api.documents_id_seq to reader;
alter default privileges in schema api grant select on tables to reader;
alter default privileges in schema api grant execute on functions to reader;
alter default privileges for role keeper in schema auth grant all on sequences to reader;
alter default privileges revoke execute on functions from public;
create function private.on_new_user() returns trigger language plpgsql security definer set search_path to 'auth', 'pg_temp' as $$
begin
  insert into api.tenants (name) values (new.email);
  return new;
end;
$$;
create trigger on_auth_user_created after insert on auth.users for each row execute procedure private.on_new_user();
