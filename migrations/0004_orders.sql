-- From win to shelf: orders, shipments, receipts.

create table order_numbers (
  day  date   primary key,                                      -- chain-local
  last bigint not null
);

create table orders (
  id            uuid   primary key,
  order_no      text   not null constraint orders_order_no_unique unique, -- RO-YYYYMMDD-nnnnnn
  round_id      uuid   not null,
  claim_id      uuid   not null,
  store_id      uuid   not null references stores,
  warehouse_id  uuid   not null references warehouses,
  state         text   not null check (state in ('APPROVED','SHIPPED','PART_RECEIVED','RECEIVED','COMPLETED','CANCELLED')),
  promised_date date   not null,
  units         bigint not null check (units > 0),
  total_cents   bigint not null check (total_cents >= 0),
  version       int    not null default 1,
  ordered_at    timestamptz not null default now(),
  foreign key (round_id, claim_id) references claims,
  constraint orders_one_a_claim_and_warehouse unique (round_id, claim_id, warehouse_id)
);
create index orders_of_a_store on orders (store_id, id desc);
create index orders_of_a_round on orders (round_id, store_id);          -- has this store won here before, and how much
create index orders_by_state on orders (state, id desc);

create table order_lines (
  order_id    uuid   not null references orders,
  line_id     uuid   not null references offer_lines,
  sku_id      uuid   not null references skus,
  ordered     bigint not null check (ordered > 0),
  shipped     bigint not null default 0 check (shipped >= 0),
  received    bigint not null default 0 check (received >= 0),  -- in good order
  damaged     bigint not null default 0 check (damaged >= 0),
  cancelled   bigint not null default 0 check (cancelled >= 0),
  price_cents bigint not null check (price_cents >= 0),
  primary key (order_id, line_id),
  check (shipped + cancelled <= ordered)
);

create table shipments (
  id            uuid primary key,
  shipment_no   text not null constraint shipments_shipment_no_unique unique, -- SH-YYYYMMDD-nnnnnn, the order's number
  order_id      uuid not null references orders,
  store_id      uuid not null references stores,
  warehouse_id  uuid not null references warehouses,
  state         text not null check (state in ('PLANNED','DISPATCHED','IN_TRANSIT','ARRIVED','RECEIVED','RECEIVED_WITH_DIFFERENCE','CANCELLED')),
  carrier       text,
  tracking_no   text,
  planned_at    timestamptz not null default now(),
  dispatched_at timestamptz,
  arrived_at    timestamptz,
  received_at   timestamptz,
  version       int  not null default 1
);
create index shipments_of_an_order on shipments (order_id);
create index shipments_by_state on shipments (warehouse_id, state, id);

-- What happened to an order, in order: the store's timeline.
create table order_events (
  order_id uuid        not null references orders,
  n        int         not null,
  what     text        not null check (what in ('ORDERED','DISPATCHED','IN_TRANSIT','ARRIVED','RECEIVED','RECEIVED_WITH_DIFFERENCE','COMPLETED','CANCELLED')),
  at       timestamptz not null default now(),
  by_user  uuid        references users,
  note     text        not null default '',
  primary key (order_id, n)
);

create table receipts (
  id          uuid primary key,
  shipment_id uuid not null constraint receipts_one_a_shipment unique references shipments,
  received_by uuid not null references users,
  received_at timestamptz not null default now()
);

create table receipt_lines (
  receipt_id uuid   not null references receipts,
  line_id    uuid   not null references offer_lines,
  shipped    bigint not null check (shipped >= 0),
  received   bigint not null check (received >= 0),             -- in good order
  damaged    bigint not null default 0 check (damaged >= 0),
  reason     text   check (reason in ('missing','damaged','wrong','expired')),
  primary key (receipt_id, line_id),
  check ((received = shipped) = (reason is null))               -- a difference has a reason, and only a difference
);
