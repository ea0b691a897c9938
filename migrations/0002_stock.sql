-- Stock by site and bucket, and every movement behind it. Stock is the sum of its movements.

create table stock_levels (
  site_id   uuid   not null,                                    -- a warehouse or a store
  sku_id    uuid   not null references skus,
  on_hand   bigint not null default 0 check (on_hand >= 0),
  allocated bigint not null default 0 check (allocated >= 0),   -- promised to orders, not yet dispatched
  pledged   bigint not null default 0 check (pledged >= 0),     -- locked for rounds, not yet won
  inbound   bigint not null default 0 check (inbound >= 0),     -- stores: on the way or granted and not yet shipped
  primary key (site_id, sku_id),
  constraint stock_available_not_negative check (allocated + pledged <= on_hand)
);

create table movements (
  id          bigint generated always as identity primary key,
  at          timestamptz not null default now(),
  site_id     uuid   not null,
  sku_id      uuid   not null references skus,
  bucket      text   not null check (bucket in ('on_hand','allocated','pledged','inbound')),
  delta       bigint not null check (delta <> 0),
  kind        text   not null check (kind in ('RECEIPT','PLEDGE','UNPLEDGE','ALLOCATE','RELEASE','ISSUE','TRANSFER_IN','COUNT_GAIN','COUNT_LOSS','SCRAP','CORRECTION')),
  doc_type    text   not null check (doc_type in ('opening','round','order','shipment','receipt')),
  doc_id      uuid,                                             -- null only for opening stock
  reversal_of bigint references movements,
  by_user     uuid   references users                           -- null: the system did it
);
create index movements_of_a_document on movements (doc_id);

-- A movement is never changed: a mistake is cured by a reversal.
create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only', tg_table_name using errcode = 'integrity_constraint_violation';
end $$;
create trigger movements_append_only before update or delete on movements
  for each statement execute function refuse_change();
