-- Whom WeChat and WeCom know as one of our users, which messages people asked for, and the messages themselves.

-- One person of another house is one user here, and one user is one person there.
create table identities (
  provider text        not null check (provider in ('wechat','wecom')),
  subject  text        not null check (length(subject) between 1 and 256), -- wechat: openid of our mini-program; wecom: corp id/userid, lower case
  user_id  uuid        not null references users,
  bound_at timestamptz not null default now(),
  primary key (provider, subject),
  constraint identities_one_a_user unique (provider, user_id)
);

-- What a user allowed WeChat to send: one consent is good for one message.
create table consents (
  user_id   uuid        not null references users,
  template  text        not null check (template in ('round_reminder','claim_result')),
  remaining int         not null check (remaining between 0 and 20), -- messages that may still be sent
  since     timestamptz not null default now(),                       -- when it last rose from nothing: what happened before is not told
  primary key (user_id, template)
);

-- Taps that were counted, so that one that is sent again counts once. The newest hundred of a user are kept.
create table consent_taps (
  user_id    uuid        not null references users,
  attempt_id uuid        not null,                                    -- made by the client, one a tap
  at         timestamptz not null default clock_timestamp(),
  primary key (user_id, attempt_id)
);

-- A row is planned together with the consent that it spends, and ends as sent, failed or expired. `sending` is written
-- before WeChat is asked: a row that stays so was asked for and never answered, and is not sent again.
create table messages (
  id           uuid        primary key default gen_random_uuid(),
  template     text        not null check (template in ('round_reminder','claim_result')),
  user_id      uuid        not null references users,
  about_id     uuid        not null,                                  -- round_reminder: the round; claim_result: the claim's first order
  state        text        not null default 'planned' check (state in ('planned','sending','sent','failed','expired')),
  tries        int         not null default 0,                        -- calls begun
  not_before   timestamptz not null default now(),                    -- of the next try
  useful_until timestamptz not null,                                  -- later it is worth nothing
  begun_at     timestamptz,                                           -- of the newest call
  code         text,                                                  -- of a failure: WeChat's errcode, `unknown` (no answer) or `unbound`
  planned_at   timestamptz not null default now(),
  ended_at     timestamptz,
  constraint messages_once unique (template, user_id, about_id),
  check ((state in ('sent','failed','expired')) = (ended_at is not null)),
  check ((state = 'failed') = (code is not null))
);
create index messages_to_send on messages (not_before) where state in ('planned','sending');
create index messages_to_forget on messages (ended_at) where ended_at is not null;
