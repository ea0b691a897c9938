-- The chain, its people and its goods. One database serves one chain.
-- Names are plural so that `orders` and `users` need no quotes. Times are timestamptz, money is integer cents,
-- quantities are integer base units. `derived` marks what stated rules made up and nobody measured.

create table chain (
  one           boolean primary key default true check (one),  -- exactly one row
  name          text    not null,
  currency      text    not null,                               -- ISO 4217; all cents are in it
  time_zone     text    not null,                               -- IANA; days, periods and promised dates are local to it
  labelled_demo boolean not null default false                  -- screens say so while it is true
);

-- A group of stores with stock ring-fenced for them; one log, one writer, one Redis slot.
create table pools (
  id          text   primary key check (id ~ '^[a-z0-9-]{1,32}$'),
  epoch       bigint not null default 0 check (epoch >= 0),     -- 0: never built; a recovery adds one
  run_id      text,                                             -- the Redis process blessed for this epoch
  log_pos     text   not null default '0-0',                    -- the log entry up to which everything is in the books
  log_n       bigint not null default 0,                        -- that entry's dense number within the epoch
  claims_written bigint not null default 0,                     -- decisions of this epoch in the books, for back-pressure
  fenced_at   timestamptz                                       -- since when the pool cannot decide; null while it can
);

-- Handed out under the pool's row lock, taken last and held to the commit: dense, in commit order.
create table pool_out (
  pool_id     text   primary key references pools,
  last_number bigint not null default 0
);

-- At most one process does each of these jobs at a time. A lease only saves work: correctness rests on compare-and-set.
create table leases (
  name       text        primary key,
  holder     uuid        not null,
  expires_at timestamptz not null
);

create table warehouses (
  id   uuid primary key,
  code text not null constraint warehouses_code_unique unique,
  name text not null
);

create table stores (
  id                  uuid   primary key,
  code                text   not null constraint stores_code_unique unique,
  name                text   not null,
  region              text   not null,
  lat                 double precision,
  lng                 double precision,
  pool_id             text   not null references pools,
  credit_limit_cents  bigint not null check (credit_limit_cents >= 0),
  dock_units_per_day  bigint not null check (dock_units_per_day >= 0),
  suspended_until     timestamptz,                              -- may not win before that time
  active              boolean not null default true,
  store_seq           bigint not null default 0                 -- number of its newest store event; only changed under pool_out
);
create index stores_of_a_pool on stores (pool_id);

create table users (
  id            uuid   primary key,
  login         text   not null constraint users_login_unique unique,
  password_hash text   not null,                                -- argon2id, PHC string
  name          text   not null,
  role          text   not null check (role in ('store_staff','store_manager','supervisor','warehouse_clerk','finance','admin')),
  store_id      uuid   references stores,
  active        boolean not null default true,
  created_at    timestamptz not null default now(),
  check ((role in ('store_staff','store_manager')) = (store_id is not null))
);

-- One row a sign-in; a refresh replaces the hash. Only the hash is stored.
create table refresh_tokens (
  token_hash bytea       primary key,                           -- sha-256
  user_id    uuid        not null references users,
  expires_at timestamptz not null,
  created_at timestamptz not null default now()
);
create index refresh_tokens_of_a_user on refresh_tokens (user_id);

create table skus (
  id              uuid   primary key,
  code            text   not null constraint skus_code_unique unique,
  name            text   not null,
  category        text   not null,
  brand           text   not null default '',
  case_pack       bigint not null check (case_pack > 0),
  inner_pack      bigint check (inner_pack > 0),
  broken_case_ok  boolean not null default false,
  price_cents     bigint not null check (price_cents >= 0),     -- list price of one unit
  barcode         text   not null default ''
);

create table listings (
  store_id uuid not null references stores,
  sku_id   uuid not null references skus,
  primary key (store_id, sku_id)
);

create table stock_policies (
  store_id           uuid   not null references stores,
  sku_id             uuid   not null references skus,
  max_units          bigint not null check (max_units >= 0),
  presentation_units bigint not null check (presentation_units >= 0),
  safety_days        bigint not null check (safety_days >= 0),
  lead_days          bigint not null check (lead_days >= 0),
  review_days        bigint not null check (review_days >= 0),
  derived            boolean not null default false,
  primary key (store_id, sku_id)
);

create table sales_days (
  sku_id   uuid   not null references skus,
  store_id uuid   not null references stores,
  day      date   not null,
  units    bigint not null,                                     -- net of returns, so it may be negative
  primary key (sku_id, store_id, day)                           -- need is computed SKU by SKU when a round is published
);
