-- Systems elsewhere that want to hear what happened: where to tell them, and what was told.

create table webhooks (
  id             uuid        primary key,
  url            text        not null,
  events         text[]      not null check (cardinality(events) > 0),  -- names, or 'round.*' for all of a kind
  note           text        not null default '',                   -- what it is for, in the words of who made it
  secret_version int         not null default 1,                    -- the secret follows from the house's, id and version
  rotated_at     timestamptz,                                       -- for a day after it the version before signs too
  enabled        boolean     not null default true,
  disabled_why   text,                                              -- 'gone': the address answered 410; null: by hand
  created_by     uuid        not null references users,
  created_at     timestamptz not null default now()
);

-- One row a telling. What is told is fixed when it happens; only how the telling went changes.
create table webhook_messages (
  id           uuid        primary key,                             -- the webhook-id header: the same on every try
  webhook_id   uuid        not null references webhooks on delete cascade,
  event        text        not null,                                -- round.open, order.created, …
  body         text        not null,                                -- the exact bytes that are signed and sent
  created_at   timestamptz not null default now(),
  state        text        not null default 'waiting' check (state in ('waiting','delivered','dead')),
  tries        int         not null default 0,
  next_try_at  timestamptz not null default now(),
  last_status  int,                                                 -- HTTP; null: no answer at all
  last_error   text,                                                -- what happened instead of an answer
  delivered_at timestamptz
);
create index webhook_messages_due on webhook_messages (next_try_at) where state = 'waiting';
create index webhook_messages_of_one on webhook_messages (webhook_id, id desc);

-- Up to where the outbox was turned into messages; moves in the same transaction as they are written.
create table webhook_cursor (
  pool_id text   primary key references pools,
  number  bigint not null
);

-- What was last told of a round: only a state that is another one is news.
create table webhook_round_states (
  round_id uuid primary key references rounds,
  state    text not null
);

alter table admin_actions drop constraint if exists admin_actions_on_kind_check;
alter table admin_actions add constraint admin_actions_on_kind_check check (on_kind in ('user','invite','round','export','import','webhook'));
