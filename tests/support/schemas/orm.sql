-- In the manner of object mappers for TypeScript: quoted table names in the singular, text keys, enumerations, join tables with an underscore.
create type "Role" as enum ('USER', 'ADMIN');
create type "OrderStatus" as enum ('PENDING', 'PAID', 'SHIPPED');
alter type "OrderStatus" add value 'REFUNDED' before 'SHIPPED';
create table "User" ("id" text not null, "email" text not null, "name" text, "role" "Role" not null default 'USER', "createdAt" timestamp(3) not null default current_timestamp, "updatedAt" timestamp(3) not null, constraint "User_pkey" primary key ("id"));
create table "Order" ("id" serial not null, "userId" text not null, "status" "OrderStatus"[] default array['PENDING']::"OrderStatus"[], "total" decimal(65, 30) not null, "meta" jsonb default '{"a": [1, 2]}', "bytes" bytea, "big" bigint default 9007199254740993, constraint "Order_pkey" primary key ("id"));
create table "_OrderToTag" ("A" integer not null, "B" text not null);
create unique index "User_email_key" on "User" ("email");
create index "Order_userId_idx" on "Order" ("userId", "total" desc);
create unique index "_OrderToTag_AB_unique" on "_OrderToTag" ("A", "B");
create index "_OrderToTag_B_index" on "_OrderToTag" ("B");
alter table "Order" add constraint "Order_userId_fkey" foreign key ("userId") references "User" ("id") on delete restrict on update cascade;
alter table "_OrderToTag" add constraint "_OrderToTag_A_fkey" foreign key ("A") references "Order" ("id") on delete cascade on update cascade;
create table "typeorm_metadata" ("type" varchar not null, "database" varchar, "value" text);
create table "post" ("id" uuid not null default gen_random_uuid(), "tags" text not null default 'a,b', "visits" integer not null default '0', "rating" numeric(3, 1) not null default '0', "publishedAt" timestamp with time zone default now(), "point" point, "kind" varchar check ("kind" in ('a', 'b')) not null default 'a', constraint "PK_be5fda3aac270b134ff9c21cdee" primary key ("id"), constraint "UQ_1" unique ("tags", "kind"), constraint "CHK_1" check ("visits" > -1 and "rating" between 0 and 10));
create view "post_stats" as select "post"."kind" as "kind", count("post"."id")::integer as "n", max("post"."publishedAt") as "last" from "post" "post" where "post"."kind" in ('a', 'b') group by "post"."kind";
