-- Times are µs since epoch (…_us). Every key begins with the tenant.
create table tenants (
  id text primary key check (id ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
  no integer generated always as identity unique,
  name text not null,
  zone text not null,
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  created_at_us bigint not null,
  version integer not null default 1
);

create table sites (
  tenant_id text not null references tenants,
  id uuid not null,
  name text not null,
  zone text not null,
  version integer not null default 1,
  primary key (tenant_id, id),
  unique (tenant_id, name)
);

create table users (
  tenant_id text not null references tenants,
  id uuid not null,
  email text not null check (email = lower(email)),
  name text not null,
  password_hash text not null,
  role text not null check (role in ('viewer', 'operator', 'analyst', 'admin')),
  disabled boolean not null default false,
  created_at_us bigint not null,
  last_seen_at_us bigint,
  version integer not null default 1,
  primary key (tenant_id, id),
  unique (tenant_id, email)
);
create index users_by_email on users (email);

create table sessions (
  tenant_id text not null references tenants,
  id uuid not null,
  user_id uuid not null,
  token_hash bytea not null,
  csrf text not null,
  came_from text not null,
  idle_ms bigint not null,
  created_at_us bigint not null,
  last_seen_at_us bigint not null,
  expires_at_us bigint not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, user_id) references users on delete cascade
);
create index sessions_by_token on sessions (token_hash);
create index sessions_by_user on sessions (tenant_id, user_id);

create table sign_in_links (
  tenant_id text not null references tenants,
  id uuid not null,
  user_id uuid not null,
  token_hash bytea not null,
  expires_at_us bigint not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, user_id) references users on delete cascade
);
create index sign_in_links_by_token on sign_in_links (token_hash);

create table sources (
  tenant_id text not null references tenants,
  id uuid not null,
  no integer generated always as identity,
  name text not null,
  kind text not null check (kind in ('line-protocol', 'files', 'connector', 'demo')),
  auto_adopt boolean not null default false,
  received bigint not null default 0,
  fresh bigint not null default 0,
  duplicates bigint not null default 0,
  overwrites bigint not null default 0,
  late bigint not null default 0,
  rejected bigint not null default 0,
  quarantined bigint not null default 0,
  last_received_at_us bigint,
  created_at_us bigint not null,
  version integer not null default 1,
  primary key (tenant_id, id),
  unique (tenant_id, kind, name),
  unique (tenant_id, no)
);

create table api_keys (
  tenant_id text not null references tenants,
  id uuid not null,
  name text not null,
  scope text not null check (scope in ('write', 'read', 'admin')),
  source_id uuid,
  prefix text not null,
  token_hash bytea not null,
  created_at_us bigint not null,
  expires_at_us bigint,
  last_used_at_us bigint,
  revoked_at_us bigint,
  version integer not null default 1,
  primary key (tenant_id, id),
  foreign key (tenant_id, source_id) references sources,
  check (scope = 'read' or source_id is not null)
);
create index api_keys_by_token on api_keys (token_hash);

create table asset_types (
  tenant_id text not null references tenants,
  id uuid not null,
  name text not null,
  clock_unit text not null,
  clock_step_us bigint not null check (clock_step_us > 0),
  horizon_steps integer not null check (horizon_steps > 0),
  settings_signals text[] not null default '{}',
  default_limits jsonb not null default '{}',
  version integer not null default 1,
  primary key (tenant_id, id),
  unique (tenant_id, name)
);

create table assets (
  tenant_id text not null references tenants,
  id uuid not null,
  key text not null,
  name text not null,
  type_id uuid,
  site_id uuid,
  parent_id uuid,
  criticality text not null default 'B' check (criticality in ('A', 'B', 'C')),
  mode text not null default 'in-service'
    check (mode in ('in-service', 'maintenance', 'stopped', 'retired')),
  mode_until_us bigint,
  installed_at_us bigint,
  downtime_cost_per_hour double precision check (downtime_cost_per_hour >= 0),
  repair_cost double precision check (repair_cost >= 0),
  failure_cost double precision check (failure_cost >= 0),
  created_at_us bigint not null,
  version integer not null default 1,
  primary key (tenant_id, id),
  unique (tenant_id, key),
  foreign key (tenant_id, type_id) references asset_types,
  foreign key (tenant_id, site_id) references sites,
  foreign key (tenant_id, parent_id) references assets,
  check (parent_id <> id)
);
create index assets_by_name on assets (tenant_id, name, id);
create index assets_by_parent on assets (tenant_id, parent_id);

create table sensors (
  tenant_id text not null references tenants,
  id uuid not null,
  asset_id uuid not null,
  name text not null,
  label text not null,
  unit text not null default '',
  kind text not null default 'numeric' check (kind in ('numeric', 'boolean', 'state', 'waveform')),
  decimals integer not null default 2 check (decimals between 0 and 15),
  low_critical double precision,
  low_warning double precision,
  high_warning double precision,
  high_critical double precision,
  version integer not null default 1,
  primary key (tenant_id, id),
  unique (tenant_id, asset_id, name),
  foreign key (tenant_id, asset_id) references assets
);
create index sensors_by_name on sensors (tenant_id, name);

create table series (
  tenant_id text not null references tenants,
  series_no integer not null,
  measurement text not null,
  tags jsonb not null,
  field text not null,
  kind text not null check (kind in ('numeric', 'boolean', 'state', 'waveform')),
  source_id uuid not null,
  device_key text not null,
  asset_key text,
  sensor_name text not null,
  first_at_us bigint not null,
  status text not null default 'inbox' check (status in ('inbox', 'adopted', 'ignored')),
  sensor_id uuid,
  mapped_from_us bigint,
  framed_zone text,
  version integer not null default 1,
  primary key (tenant_id, series_no),
  foreign key (tenant_id, source_id) references sources,
  foreign key (tenant_id, sensor_id) references sensors,
  check ((status = 'adopted') = (sensor_id is not null))
);
create index series_by_sensor on series (tenant_id, sensor_id);
create index series_by_status on series (tenant_id, status, series_no);

create table quarantine (
  tenant_id text not null references tenants,
  id uuid not null,
  source_id uuid not null,
  received_at_us bigint not null,
  line_no integer not null,
  column_no integer not null,
  reason text not null,
  line text not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, source_id) references sources on delete cascade
);
create index quarantine_by_source on quarantine (tenant_id, source_id, id);

create table uploads (
  tenant_id text not null references tenants,
  id uuid not null,
  name text not null,
  kind text not null check (kind in
    ('asset-types', 'assets', 'sensors', 'readings', 'maintenance', 'lines', 'unknown')),
  status text not null check (status in ('received', 'importing', 'done', 'failed')),
  blob_key text not null,
  size_bytes bigint not null,
  sha256 text not null,
  rows bigint not null default 0,
  rows_taken bigint not null default 0,
  rows_refused bigint not null default 0,
  errors jsonb not null default '[]',
  failure text,
  created_at_us bigint not null,
  created_by text not null,
  finished_at_us bigint,
  primary key (tenant_id, id)
);

create table connectors (
  tenant_id text not null references tenants,
  id uuid not null,
  name text not null,
  plugin text not null,
  settings jsonb not null,
  source_id uuid not null,
  enabled boolean not null default true,
  version integer not null default 1,
  primary key (tenant_id, id),
  unique (tenant_id, name),
  foreign key (tenant_id, source_id) references sources
);

create table checkpoints (
  tenant_id text not null references tenants,
  key text not null,
  checkpoint text not null,
  saved_at_us bigint not null,
  primary key (tenant_id, key)
);

create table settings (
  tenant_id text not null references tenants,
  name text not null,
  value jsonb not null,
  version integer not null default 1,
  primary key (tenant_id, name)
);

create table secrets (
  tenant_id text not null references tenants,
  name text not null,
  box bytea not null,
  set_at_us bigint not null,
  primary key (tenant_id, name)
);

create table audit_log (
  tenant_id text not null references tenants,
  id uuid not null,
  at_us bigint not null,
  actor_kind text not null,
  actor_id text not null,
  actor_name text not null,
  came_from text not null,
  action text not null,
  noun_id text not null,
  before jsonb,
  after jsonb,
  primary key (tenant_id, id)
);
create index audit_log_by_noun on audit_log (tenant_id, noun_id, id);

create table idempotency_keys (
  tenant_id text not null references tenants,
  actor_id text not null,
  key text not null,
  request_hash text not null,
  answer jsonb,
  created_at_us bigint not null,
  primary key (tenant_id, actor_id, key)
);
