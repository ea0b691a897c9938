-- Rounds, their lines, who is invited, and what was asked of them.

create table rounds (
  id          uuid primary key,
  code        text not null constraint rounds_code_unique unique,
  name        text not null check (length(name) between 1 and 80),
  pool_id     text not null references pools,
  state       text not null check (state in ('DRAFT','SCHEDULED','WARMING','OPEN','PAUSED','SETTLING','CLOSED','ARCHIVED','CANCELLED')),
  opens_at    timestamptz not null,                             -- as planned; pauses are added in shift_ms
  closes_at   timestamptz not null,
  shift_ms    bigint not null default 0 check (shift_ms >= 0),  -- paused and fenced time so far
  paused_at   timestamptz,                                      -- since when; null while the clock runs
  policy      jsonb  not null,                                  -- domain::round::Policy, frozen at publish
  policy_hash text,                                             -- sha-256 of its canonical text; set at publish
  -- Chain-local dates fixed at publish from opens_at, so that no shift can move a claim into another day's cap.
  day         date,
  period      date,                                             -- first day of the period
  dock_day    date,                                             -- promised delivery
  intent_no   bigint not null default 0,                        -- last number handed out
  applied_no  bigint not null default 0,                        -- last one seen in the log
  chain_n     bigint not null default 0,                        -- decisions chained so far
  chain_hash  bytea  not null default ''::bytea,
  created_by  uuid   not null references users,
  created_at  timestamptz not null default now(),
  published_at timestamptz,
  opened_at   timestamptz,                                      -- when the script armed it
  closed_at   timestamptz,                                      -- the closing marker's time
  settled_at  timestamptz,
  check (closes_at > opens_at)
);
create index rounds_not_over on rounds (state, opens_at) where state not in ('CLOSED','ARCHIVED','CANCELLED');

create table offer_lines (
  id           uuid   primary key,
  round_id     uuid   not null references rounds,
  line_no      int    not null check (line_no > 0),
  sku_id       uuid   not null references skus,
  warehouse_id uuid   not null references warehouses,
  pledged      bigint not null check (pledged > 0),             -- all units ever pledged to the line
  holdback     bigint not null default 0 check (holdback >= 0), -- the part not offered
  granted      bigint not null default 0 check (granted >= 0),  -- in the books, less what was given back
  returned     bigint not null default 0 check (returned >= 0), -- unsold at settling, cancelled and revoked units
  price_cents  bigint not null check (price_cents >= 0),        -- one unit, frozen at publish
  pack         bigint not null check (pack > 0),
  min_claim    bigint not null default 1 check (min_claim > 0), -- units
  cap_line     bigint check (cap_line > 0),                     -- units a store; null: only need limits
  sold_out_at  timestamptz,
  constraint offer_lines_number_unique unique (round_id, line_no),
  constraint offer_lines_sku_unique unique (round_id, sku_id, warehouse_id),
  constraint never_oversold check (granted + holdback + returned <= pledged)
);

create table invitations (
  round_id           uuid   not null references rounds,
  store_id           uuid   not null references stores,
  offset_ms          bigint not null default 0 check (offset_ms between 0 and 3600000), -- tier offset after opening
  -- As they stood at publish, frozen with the round; null: no limit.
  cap_round          bigint,
  cap_day            bigint,
  cap_period         bigint,
  dock_units         bigint not null,
  credit_limit_cents bigint not null,
  primary key (round_id, store_id)
);
create index invitations_of_a_store on invitations (store_id, round_id);

-- What a store needs of a line, computed at publish with its parts, so that it can be shown and checked.
create table invitation_lines (
  line_id   uuid   not null references offer_lines,
  store_id  uuid   not null references stores,
  round_id  uuid   not null,
  listed    boolean not null,
  net       bigint not null,                                    -- on hand + in transit + granted and not shipped
  target    bigint not null,
  need      bigint not null,
  ads_milli bigint not null,
  gate      bigint,                                             -- refused at this net or above; null: no gate
  need_cap  bigint not null,                                    -- round_up_to_max(need × percent), in units
  primary key (line_id, store_id)
);
create index invitation_lines_of_a_store on invitation_lines (round_id, store_id);

-- Numbered wishes of headquarters and of the clock; applied to Redis by the holder of the rounds lease, in order.
create table round_intents (
  round_id   uuid   not null references rounds,
  intent_no  bigint not null,
  intent     jsonb  not null,                                   -- domain::round::Intent
  reason     text   not null default '',
  by_user    uuid   references users,                           -- null: the clock
  asked_at   timestamptz not null default now(),
  applied_at timestamptz,                                       -- when its log entry reached the books
  outcome    text,                                              -- 'applied', or why the script ignored it
  primary key (round_id, intent_no)
);
create index round_intents_waiting on round_intents (round_id, intent_no) where outcome is null;

-- Everything decided, winners and losers, one row a claim.
create table claims (
  round_id   uuid   not null references rounds,
  claim_id   uuid   not null,
  store_id   uuid   not null references stores,
  user_id    uuid   not null,
  status     text   not null check (status in ('won','partly_won','refused')),
  code       text,                                              -- of the first failing check
  verdict    text   not null,                                   -- packed, as the script wrote it
  granted    bigint not null check (granted >= 0),              -- units by the script
  revoked    bigint not null default 0 check (revoked >= 0 and revoked <= granted),
  decided_at timestamptz not null,
  chain_n    bigint not null,
  primary key (round_id, claim_id)                              -- the idempotency of the whole system
);
create index claims_of_a_store on claims (store_id, decided_at desc);

-- One hash-chained line of events a round: h_n = sha-256(h_(n-1) || event_n).
create table round_events (
  round_id uuid   not null references rounds,
  n        bigint not null,
  event    text   not null,                                     -- the exact bytes that were hashed
  hash     bytea  not null,
  primary key (round_id, n)
);
create trigger round_events_append_only before update or delete on round_events
  for each statement execute function refuse_change();

-- Running totals for the board, moved by the writer in the same transaction as the claims.
create table round_totals (
  round_id       uuid   primary key references rounds,
  claims         bigint not null default 0,
  won            bigint not null default 0,
  winning_stores bigint not null default 0,
  granted_units  bigint not null default 0,
  revoked        bigint not null default 0,
  refused        jsonb  not null default '{}',
  winners        jsonb  not null default '[]',                  -- the newest ten
  as_of          timestamptz
);

-- Log entries that could not be applied: set aside whole, told and alarmed, never lost.
create table dead_entries (
  pool_id  text   not null references pools,
  epoch    bigint not null,
  entry_id text   not null,
  body     jsonb  not null,
  why      text   not null,
  at       timestamptz not null default now(),
  primary key (pool_id, epoch, entry_id)
);
