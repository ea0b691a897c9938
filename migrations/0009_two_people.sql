-- A hot round waits for a second person; who took which step of a round, and why, stands in the books; and what leaves the
-- house as a file is logged like any other act of administration.

alter table rounds
  drop constraint rounds_state_check,
  add constraint rounds_state_check check (state in
    ('DRAFT','PENDING_APPROVAL','SCHEDULED','WARMING','OPEN','PAUSED','SETTLING','CLOSED','ARCHIVED','CANCELLED')),
  add column edited_by            uuid references users,        -- who changed the draft last; null: only who created it
  add column asked_by             uuid references users,        -- who asked to publish it while it was hot; null: nobody
  add column asked_at             timestamptz,                  -- and when
  add column hot_value_cents      bigint check (hot_value_cents >= 0),      -- Σ offered units × price at that moment, cents
  add column hot_scarcity_percent bigint check (hot_scarcity_percent >= 0), -- Σ need over invited ÷ offered, percent
  add column hot_over             text[],                       -- which thresholds were passed: 'value', 'scarcity'
  add column published_by         uuid references users,        -- who published it; of a hot round who asked for it
  add column approved_by          uuid references users,        -- the second person of a hot round; null: none was needed
  add constraint rounds_asked_whole check (num_nulls(asked_by, asked_at, hot_value_cents, hot_scarcity_percent, hot_over) in (0, 5)),
  add constraint rounds_pending_was_asked check (state <> 'PENDING_APPROVAL' or asked_by is not null),
  -- The books hold it too, whatever the program thinks.
  add constraint rounds_two_people check (
    approved_by is null or approved_by <> asked_by and approved_by <> coalesce(edited_by, created_by));

-- What people did to a round before it lived; what they asked of a live one stands in `round_intents`.
create table round_steps (
  round_id uuid        not null references rounds,
  n        int         not null check (n > 0),                  -- dense per round, handed out under the round's lock
  at       timestamptz not null default now(),
  step     text        not null check (step in
    ('drafted','edited','asked','approved','sent_back','withdrawn','published','cancelled')),
  by_user  uuid        references users,                        -- null: the house
  reason   text        not null default '',                     -- in the words of who did it
  primary key (round_id, n)
);
create trigger round_steps_append_only before update or delete on round_steps
  for each statement execute function refuse_change();
create trigger round_steps_never_emptied before truncate on round_steps
  for each statement execute function refuse_change();

-- Acts on rounds, and exports: those are things of their own, named by an id that nothing else has.
alter table admin_actions
  drop constraint admin_actions_on_kind_check,
  add constraint admin_actions_on_kind_check check (on_kind in ('user','invite','round','export'));

-- As before, with one more table that a node may only add to.
create or replace function grant_app_rights(app regrole) returns void language plpgsql as $$
declare
  kept text;
begin
  execute format('grant usage on schema public to %s', app);
  execute format('revoke all on all tables in schema public from %s', app);
  execute format('grant select, insert, update, delete on all tables in schema public to %s', app);
  execute format('grant usage on all sequences in schema public to %s', app);
  foreach kept in array array['movements', 'round_events', 'round_steps', 'admin_actions', '_sqlx_migrations'] loop
    if to_regclass(kept) is not null then
      execute format('revoke update, delete on %I from %s', kept, app);
    end if;
  end loop;
  if to_regclass('_sqlx_migrations') is not null then
    execute format('revoke insert on _sqlx_migrations from %s', app);
  end if;
end $$;
