-- Files that somebody hands over: read, shown, and only then taken over into the books, each as one job.

create table imports (
  id            uuid        primary key,                            -- UUIDv7: in the order of time
  kind          text        not null check (kind in ('stores','skus','prices','stock','sales')),
  state         text        not null check (state in ('READING','PREVIEWED','APPLYING','APPLIED','UNDONE','FAILED')),
  file_name     text        not null,                               -- as the sender calls it; empty when not said
  file_bytes    bigint      not null check (file_bytes >= 0),
  sha256        bytea       not null,                               -- of the file's bytes: the same file is not taken over twice
  encoding_said text,                                               -- domain::import::Encoding; null: to be found out
  again         boolean     not null default false,                 -- the same file may be taken over once more
  by_user       uuid        references users,                       -- null: the command line
  by_role       text        not null,                               -- in which role it was handed over: what its rows may change
  made_at       timestamptz not null default now(),                 -- handed over; stock without a time of its own is as of then
  stage         text        check (stage in ('reading','checking','writing')),  -- while a node works on it
  rows_read     bigint      not null default 0,                     -- of the work at hand
  rows_total    bigint,                                             -- rows below the header; null while unknown
  preview       jsonb,                                              -- import::Preview: form, columns, first rows, counts
  bad_rows      bigint      not null default 0,                     -- rows with errors
  good_rows     bigint      not null default 0,
  failed        jsonb,                                              -- domain::import_fault::Failure: why nothing can come of it
  skip_bad      boolean     not null default false,                 -- as confirmed
  confirmed_by  uuid        references users,
  confirmed_at  timestamptz,
  applied_at    timestamptz,
  undone_by     uuid        references users,
  undone_at     timestamptz,
  undo_reason   text,
  worker        uuid,                                               -- the node at work; who is not named here may not finish the job
  lease_until   timestamptz,                                        -- afterwards another node takes it up
  tries         integer     not null default 0 check (tries >= 0),  -- of the work at hand; a file that ends nodes is given up
  check ((state = 'FAILED') = (failed is not null)),
  check ((state in ('APPLIED','UNDONE')) = (applied_at is not null)),
  check ((state = 'UNDONE') = (undone_at is not null))
);
create index imports_at_work on imports (made_at) where state in ('READING','APPLYING');
create index imports_of_a_user on imports (by_user, id);
-- One file counts once, whatever races: unless somebody said so.
create unique index imports_applied_once on imports (kind, sha256) where state = 'APPLIED' and not again;

-- The file in parts, until the job is settled.
create table import_files (
  import_id uuid    not null references imports on delete cascade,
  part_no   integer not null,                                       -- from 0
  bytes     bytea   not null,                                       -- at most 1 MiB
  primary key (import_id, part_no)
);

-- Cells as somebody mended them, over those of the file.
create table import_cells (
  import_id uuid    not null references imports on delete cascade,
  row_no    integer not null,                                       -- as in the file, the header being 1
  column_no integer not null,                                       -- from 0: A
  value     text    not null,
  by_user   uuid    references users,
  at        timestamptz not null default now(),
  primary key (import_id, row_no, column_no)
);

-- What is wrong or odd with rows; the first thousand errors and the first thousand warnings of the last reading.
create table import_faults (
  import_id uuid    not null references imports on delete cascade,
  number    integer not null,                                       -- errors first, then warnings, by row
  severity  text    not null check (severity in ('error','warning')),
  row_no    integer not null,
  column_no integer,                                                -- null: the row as a whole
  header    text,                                                   -- of that column
  value     text    not null,                                       -- as read, cut to 200 characters
  code      text    not null,                                       -- domain::import_fault::FaultCode
  numbers   jsonb   not null,                                       -- what its sentence names
  primary key (import_id, number)
);

-- What each row changed, and what stood there before: an undo puts that back. Kept as long as an undo is possible.
create table import_changes (
  import_id uuid    not null references imports on delete cascade,
  row_no    integer not null,
  subject   uuid    not null,                                       -- store or SKU; of a sale its SKU
  before    jsonb,                                                  -- null: there was nothing
  after     jsonb,
  primary key (import_id, row_no)
);

-- Lines of orders or receipts as they were fed; a day's sales are their sum. Days that were fed as totals have no lines.
create table sales_lines (
  order_no   text    not null,                                      -- unique in the chain together with line_no
  line_no    bigint  not null,
  store_id   uuid    not null references stores,
  sku_id     uuid    not null references skus,
  day        date    not null,                                      -- local to the chain
  units      bigint  not null,                                      -- below 0: brought back
  import_id  uuid    not null references imports,                   -- the job that wrote it last
  import_row integer not null,                                      -- and its row there
  primary key (order_no, line_no)
);
create index sales_lines_of_a_day on sales_lines (sku_id, store_id, day);
create index sales_lines_of_an_import on sales_lines (import_id);

alter table skus
  add column case_barcode text not null default '';                 -- of a whole case; empty: none known

-- Stock that a file counted is moved with the job as its paper. Names are those of storage::stock::Document, of
-- domain::admin_action::OnKind: the code knows the list, the books only its form.
do $$
declare
  old record;
begin
  for old in
    select conrelid::regclass as of_table, conname
      from pg_constraint
     where contype = 'c'
       and (conrelid = 'movements'::regclass and pg_get_constraintdef(oid) like '%doc_type%'
            or conrelid = 'admin_actions'::regclass and pg_get_constraintdef(oid) like '%on_kind%')
  loop
    execute format('alter table %s drop constraint %I', old.of_table, old.conname);
  end loop;
end $$;
alter table movements add constraint movements_doc_type_check check (doc_type ~ '^[a-z_]{1,32}$');
alter table admin_actions add constraint admin_actions_on_kind_check check (on_kind ~ '^[a-z_]{1,32}$');

-- What moved since a count was made: movements come in the order of time, so a small index finds the newest.
create index movements_by_time on movements using brin (at) with (pages_per_range = 16, autosummarize = on);
