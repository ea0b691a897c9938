-- What every store needs of every SKU that it lists, computed for the whole chain at once, and the runs that computed it.

alter table sales_days
  add column out_of_stock boolean not null default false;       -- the shelf was empty that day: it does not count as a day of sales
comment on column sales_days.out_of_stock is 'The shelf was empty on this day; such days shorten the window of sales (R1). False where nobody recorded it.';

create table need_runs (
  id            uuid        primary key,
  run_no        bigint      generated always as identity unique,
  state         text        not null check (state in ('WAITING','RUNNING','DONE','FAILED')),
  night         date        constraint need_runs_one_a_night unique,
  asked_by      uuid        references users,
  asked_at      timestamptz not null default now(),
  started_at    timestamptz,
  finished_at   timestamptz,
  as_of         date,
  tries         int         not null default 0 check (tries >= 0),
  pairs_total   bigint      not null default 0 check (pairs_total >= 0),
  pairs_done    bigint      not null default 0 check (pairs_done >= 0),
  pairs_in_need bigint      not null default 0 check (pairs_in_need >= 0),
  check ((state in ('DONE','FAILED')) = (finished_at is not null))
);
comment on table need_runs is 'Computations of need over the whole chain; the newest that is DONE is the current one.';
comment on column need_runs.run_no is 'Names the rows of the run in `needs`; higher is newer.';
comment on column need_runs.state is 'WAITING until a node takes it; FAILED after three tries.';
comment on column need_runs.night is 'The chain-local date whose nightly run this is: one a night, whatever restarts. Null: asked for.';
comment on column need_runs.asked_by is 'Who asked; null for the nightly run and for the command line.';
comment on column need_runs.asked_at is 'When it was asked for.';
comment on column need_runs.started_at is 'When the newest try began.';
comment on column need_runs.finished_at is 'When it became DONE or FAILED.';
comment on column need_runs.as_of is 'The last day with sales data, on which the window of 28 days ends; null before any sale.';
comment on column need_runs.tries is 'How often it was begun; a try whose number was overtaken writes nothing any more.';
comment on column need_runs.pairs_total is 'Listed pairs of an active store and a SKU.';
comment on column need_runs.pairs_done is 'Pairs of this try in `needs`.';
comment on column need_runs.pairs_in_need is 'Of these, pairs with a need above zero.';
-- One at a time: whoever asks for a second is shown the first.
create unique index need_runs_one_at_a_time on need_runs ((true)) where state in ('WAITING','RUNNING');
create index need_runs_done on need_runs (run_no) where state = 'DONE';

-- Two million rows: no foreign keys, small types, rows of a run written once and never changed.
create table needs (
  run_no         bigint   not null,
  store_id       uuid     not null,
  sku_id         uuid     not null,
  ads_milli      bigint   not null,
  cover_days     bigint   not null,
  target_units   bigint   not null,
  net_units      bigint   not null,
  need_units     bigint   not null,
  dos_milli      bigint,
  score_bp       smallint not null,
  shortage_bp    smallint not null,
  urgency_bp     smallint not null,
  velocity_bp    smallint not null,
  debt_bp        smallint not null,
  reliability_bp smallint not null,
  primary key (run_no, store_id, sku_id)
);
comment on table needs is 'Need (R1) and score (R2) of one store for one SKU, with every figure it came from. Rows of runs that are not current are cleared away.';
comment on column needs.run_no is 'The run that computed it; its date and time stand there.';
comment on column needs.store_id is 'An active store that lists the SKU.';
comment on column needs.sku_id is 'The SKU.';
comment on column needs.ads_milli is 'Average daily sales in thousandths of a unit.';
comment on column needs.cover_days is 'Days that the target has to last: lead, review and safety.';
comment on column needs.target_units is 'Order-up-to level in units.';
comment on column needs.net_units is 'On hand, in transit and granted, in units.';
comment on column needs.need_units is 'Target less net, not below zero, in units.';
comment on column needs.dos_milli is 'How long the net position lasts, in thousandths of a day; null where nothing is sold.';
comment on column needs.score_bp is 'Weighted mean of the five parts, in basis points.';
comment on column needs.shortage_bp is 'Missing part of the target, in basis points.';
comment on column needs.urgency_bp is 'Missing part of the cover, in basis points.';
comment on column needs.velocity_bp is 'Part of the other listed stores that sell less, in basis points.';
comment on column needs.debt_bp is 'What the store got less than the chain in the last rounds, in basis points; zero until there is a ledger.';
comment on column needs.reliability_bp is 'What its reliability points left, in basis points; whole until there are points.';
create index needs_by_score on needs (run_no, score_bp, store_id, sku_id);
create index needs_by_need on needs (run_no, need_units, store_id, sku_id);
create index needs_by_dos on needs (run_no, dos_milli, store_id, sku_id) where dos_milli is not null;
create index needs_of_a_sku on needs (sku_id, run_no);
