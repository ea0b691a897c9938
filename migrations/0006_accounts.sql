-- People: whether they may come in, for which stores and regions, on which devices they are signed in, how newcomers are
-- let in, and what was done to whom.

-- A pending user registered and waits for approval; a disabled one left. Neither signs in.
alter table users
  add column status text not null default 'active' check (status in ('pending','active','disabled')),
  add column must_change_password boolean not null default false;  -- the password was given by somebody else
update users set status = 'disabled' where not active;
alter table users drop column active;
create index users_who_administrate on users (id) where role = 'admin' and status = 'active';

-- The stores that somebody may act for, one at a time. `users.store_id` is the one that is acted for when none is named.
create table user_stores (
  user_id  uuid not null references users,
  store_id uuid not null references stores,
  primary key (user_id, store_id)
);
create index user_stores_of_a_store on user_stores (store_id);
insert into user_stores (user_id, store_id)
select id, store_id
  from users
 where store_id is not null;
-- Deferred, because the two rows of a new user refer to each other.
alter table users
  add constraint users_store_is_one_of_theirs
  foreign key (id, store_id) references user_stores (user_id, store_id) deferrable initially deferred;

-- The regions that a supervisor looks after; no row means the whole chain.
create table user_regions (
  user_id uuid not null references users,
  region  text not null,                                            -- as in stores.region
  primary key (user_id, region)
);

-- A device on which somebody signed in: the family of refresh tokens that began there. Kept after its end, so that the
-- list of devices can say what happened.
create table sign_ins (
  id           uuid        primary key,
  user_id      uuid        not null references users,
  store_id     uuid        references stores,                       -- acted for here; null: the user's own first store
  label        text        not null,                                -- what the device calls itself, cut to 200 characters
  created_at   timestamptz not null default now(),
  last_seen_at timestamptz not null default now(),                  -- when it last got an access token
  ended_at     timestamptz,                                         -- null while it is good
  ended_why    text        check (ended_why in ('signed_out','removed','everywhere','password','disabled','token_reused')),
  check ((ended_at is null) = (ended_why is null))
);
create index sign_ins_of_a_user on sign_ins (user_id, last_seen_at desc);

-- A token that was traded stays until it expires: shown once more, it tells that somebody else has a copy. Only the client
-- that traded it knows the attempt; it gets the same successor again, made from the old token's text and the salt, so that
-- neither the books alone nor the old token alone give it away.
alter table refresh_tokens
  add column sign_in_id     uuid,
  add column replaced_at    timestamptz,                            -- null: not traded yet
  add column attempt_id     uuid,                                   -- of the trade, when the client named one
  add column successor_salt bytea;
update refresh_tokens set sign_in_id = gen_random_uuid();
insert into sign_ins (id, user_id, label, created_at, last_seen_at)
select sign_in_id, user_id, '', created_at, created_at
  from refresh_tokens;
alter table refresh_tokens
  alter column sign_in_id set not null,
  add constraint refresh_tokens_of_a_sign_in foreign key (sign_in_id) references sign_ins,
  add check ((replaced_at is null) = (successor_salt is null));
create index refresh_tokens_by_sign_in on refresh_tokens (sign_in_id);

-- Wrong passwords by login, whether anybody has that login or not: an answer must not tell. The login stands here as a
-- hash, because people type passwords into the wrong field.
create table sign_in_failures (
  login_hash   bytea         primary key,                           -- sha-256
  failed_at    timestamptz[] not null,                              -- the last five, oldest first
  locked_until timestamptz,
  last_at      timestamptz   not null
);
create index sign_in_failures_to_forget on sign_in_failures (last_at);

-- A code that lets one person in, with role and store given by who invites.
create table invites (
  id             uuid        primary key,
  code_hash      bytea       not null constraint invites_code_unique unique,  -- sha-256 of the code without its dashes
  role           text        not null check (role in ('store_staff','store_manager','supervisor','warehouse_clerk','finance','admin')),
  store_id       uuid        references stores,
  needs_approval boolean     not null,                              -- who comes with it stays pending at first
  created_by     uuid        not null references users,
  created_at     timestamptz not null default now(),
  expires_at     timestamptz not null,
  used_by        uuid        references users,
  used_at        timestamptz,
  revoked_at     timestamptz,
  check ((role in ('store_staff','store_manager')) = (store_id is not null)),
  check ((used_by is null) = (used_at is null)),
  check (used_at is null or revoked_at is null)
);

-- What was done to users and invites. Never changed and never deleted.
create table admin_actions (
  id      uuid        primary key,                                  -- UUIDv7: in the order of time
  at      timestamptz not null default now(),
  by_user uuid        references users,                             -- null: the command line, or the house itself
  action  text        not null,                                     -- domain::admin_action::Action
  on_kind text        not null check (on_kind in ('user','invite')),
  on_id   uuid        not null,
  before  jsonb,
  after   jsonb,
  reason  text        not null default ''
);
create index admin_actions_on on admin_actions (on_id, id);
create trigger admin_actions_append_only before update or delete or truncate on admin_actions
  for each statement execute function refuse_change();
