-- Raised whenever what somebody may do has changed. Tokens, tickets and claims carry the version that they were made
-- under; an older one counts for nothing from the commit on.

alter table users
  add column auth_version bigint not null default 1 check (auth_version > 0);
