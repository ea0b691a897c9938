-- What was decided stays decided. Row triggers do not see a truncate, so these tables refuse it with a trigger of its own.

create trigger movements_never_emptied before truncate on movements
  for each statement execute function refuse_change();
create trigger round_events_never_emptied before truncate on round_events
  for each statement execute function refuse_change();

-- The log of administrators' acts, where this version has one.
do $$
begin
  if to_regclass('admin_actions') is not null then
    drop trigger if exists admin_actions_append_only on admin_actions;
    drop trigger if exists admin_actions_never_emptied on admin_actions;
    create trigger admin_actions_append_only before update or delete on admin_actions
      for each statement execute function refuse_change();
    create trigger admin_actions_never_emptied before truncate on admin_actions
      for each statement execute function refuse_change();
  end if;
end $$;

-- Whoever owns a table can take its triggers away. So a node should sign in as a role that owns nothing: this gives such a
-- role what a node needs and not one right more. Said again after each migration, because new tables come without rights.
create function grant_app_rights(app regrole) returns void language plpgsql as $$
declare
  kept text;
begin
  execute format('grant usage on schema public to %s', app);
  execute format('revoke all on all tables in schema public from %s', app);
  execute format('grant select, insert, update, delete on all tables in schema public to %s', app);
  execute format('grant usage on all sequences in schema public to %s', app);
  foreach kept in array array['movements', 'round_events', 'admin_actions', '_sqlx_migrations'] loop
    if to_regclass(kept) is not null then
      execute format('revoke update, delete on %I from %s', kept, app);
    end if;
  end loop;
  if to_regclass('_sqlx_migrations') is not null then
    execute format('revoke insert on _sqlx_migrations from %s', app);
  end if;
end $$;
revoke all on function grant_app_rights from public;
