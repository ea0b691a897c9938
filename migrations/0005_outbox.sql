-- What is to be told, in the order in which it was committed.

create table outbox (
  pool_id   text   not null references pools,
  number    bigint not null,
  at        timestamptz not null default now(),
  round_id  uuid,                                               -- of a state event: who hears it follows from the round
  store_id  uuid,                                               -- of a store event: who hears it
  store_seq bigint,                                             -- that store's next number
  event     jsonb,                                              -- domain::event::StoreEvent or StateEvent: the frame's body
  effect    jsonb,                                              -- domain::event::Effect: for the counters in Redis
  primary key (pool_id, number),
  check ((store_id is null) = (store_seq is null)),
  check (event is not null or effect is not null)
);
create unique index outbox_of_a_store on outbox (store_id, store_seq) where store_id is not null;
create index outbox_effects on outbox (pool_id, number) where effect is not null;
