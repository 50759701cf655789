-- In the manner of what was brought over from another database: names with capitals, fixed characters, bit flags, rules instead of triggers, views on views.
create schema "ERP";
create table "ERP"."Customer" (
  "CustomerID" integer not null, "Name" character(40), "Active" bit(1) default B'1', "Balance" money default 0, "Since" timestamp without time zone default '1753-01-01 00:00:00',
  "Type" character(1) default 'A' not null, "Percent" double precision default 1e-05, "Note" text default E'tab\there, quote '' and backslash \\', "order" smallint,
  constraint "PK_Customer" primary key ("CustomerID"), constraint "CK Type" check ("Type" in ('A', 'B', 'C') and ("Percent" between 0 and 1 and "order" is not null or "Type" = 'C')));
alter table "ERP"."Customer" add "Gone" integer, add "Later" text;
alter table "ERP"."Customer" drop column "Gone";
create unique index "IX_Customer Name" on "ERP"."Customer" ("Name" bpchar_pattern_ops, "Since" desc) with (fillfactor = 50);
create table "ERP"."Order Details" (
  "OrderID" integer not null, "LineNo" smallint not null, "CustomerID" integer constraint "FK_Order_Customer" references "ERP"."Customer" ("CustomerID") on update cascade on delete set default deferrable,
  "Quantity" real default 1.1 not null, "Discount %" numeric default .5, constraint "PK_Order Details" primary key ("OrderID", "LineNo"));
comment on column "ERP"."Order Details"."Discount %" is 'Of the price, not of the total; see "Percent"';
create sequence "ERP"."Order_Seq" as smallint increment -1 minvalue -500 maxvalue -1 start -1 cycle;
alter table "ERP"."Order Details" alter "OrderID" set default nextval('"ERP"."Order_Seq"');
create view "ERP"."vCustomer" as select c.*, c."Percent" * 100 as "Per Cent" from "ERP"."Customer" c where not c."Active" = B'0';
create view "ERP"."vBest" ("ID", "Name", "Row") as select v."CustomerID", upper(v."Name"), (v."Type", v."order") is not null from "ERP"."vCustomer" v where v."Balance" > '$1,000.00' and v."Type" <> all (array['C', 'D']);
create rule "vCustomer_insert" as on insert to "ERP"."vCustomer" do instead insert into "ERP"."Customer" ("CustomerID", "Name") values (new."CustomerID", new."Name") returning "Customer".*, 0::double precision;
create rule "vCustomer_update" as on update to "ERP"."vCustomer" where old."Type" <> 'C' do instead (update "ERP"."Customer" set "Name" = new."Name" where "CustomerID" = old."CustomerID"; delete from "ERP"."Order Details" where "CustomerID" = old."CustomerID");
create rule "vCustomer_nothing" as on update to "ERP"."vCustomer" do instead nothing;
alter table "ERP"."Customer" rename column "Note" to "Remark";
create function "ERP"."Spell"("pNumber" integer, out "Word" text, inout "Rest" integer default 0) language plpgsql as $x$ begin "Word" := 'n' || "pNumber"; end $x$;
create function "ERP"."Rows"() returns table ("A" integer, "B c" text) language sql rows 5 as $$ select 1, 'x'::text $$;
