create table alert_rules (
  tenant_id text not null references tenants,
  id uuid not null,
  name text not null,
  enabled boolean not null,
  removed boolean not null default false,
  severity text not null check (severity in ('info', 'warning', 'critical', 'emergency')),
  op text not null check (op in ('above', 'below')),
  threshold double precision not null,
  clear double precision not null,
  hold_ms bigint not null check (hold_ms >= 0),
  scope_kind text not null check (scope_kind in ('sensor', 'type')),
  scope_sensor_id uuid,
  scope_type_id uuid,
  scope_sensor_name text,
  -- Pending until the log has it: what was framed last, and where.
  sequence bigint,
  framed_series integer[],
  updated_at_us bigint not null,
  version integer not null default 1,
  primary key (tenant_id, id),
  foreign key (tenant_id, scope_sensor_id) references sensors,
  foreign key (tenant_id, scope_type_id) references asset_types,
  check ((scope_kind = 'sensor') = (scope_sensor_id is not null)),
  check ((scope_kind = 'type') = (scope_sensor_name is not null))
);
create index alert_rules_pending on alert_rules (tenant_id, id) where sequence is null;

create table alert_rule_versions (
  tenant_id text not null references tenants,
  rule_id uuid not null,
  version integer not null,
  terms jsonb not null,
  sequence bigint,
  created_at_us bigint not null,
  created_by text not null,
  primary key (tenant_id, rule_id, version),
  foreign key (tenant_id, rule_id) references alert_rules on delete cascade
);

create table alerts (
  tenant_id text not null references tenants,
  id uuid not null,
  rule_id uuid not null,
  rule_version integer not null,
  rule_name text not null,
  series_no integer not null,
  sensor_id uuid,
  asset_id uuid,
  severity text not null check (severity in ('info', 'warning', 'critical', 'emergency')),
  status text not null check (status in ('open', 'acknowledged', 'closed')),
  op text not null,
  threshold double precision not null,
  value double precision not null,
  opened_sequence bigint not null,
  opened_index integer not null,
  opened_at_us bigint not null,
  since_us bigint not null,
  closed_at_us bigint,
  close_reason text,
  acknowledged_at_us bigint,
  acknowledged_by text,
  close_requested_at_us bigint,
  version integer not null default 1,
  primary key (tenant_id, id),
  unique (tenant_id, rule_id, series_no, opened_sequence, opened_index),
  foreign key (tenant_id, rule_id) references alert_rules,
  foreign key (tenant_id, series_no) references series,
  foreign key (tenant_id, sensor_id) references sensors,
  foreign key (tenant_id, asset_id) references assets,
  check ((status = 'closed') = (closed_at_us is not null))
);
-- An alert is open at most once for a rule and series, whatever is replayed.
create unique index alerts_open on alerts (tenant_id, rule_id, series_no) where status <> 'closed';
create index alerts_by_time on alerts (tenant_id, opened_at_us desc, id);
create index alerts_by_asset on alerts (tenant_id, asset_id, opened_at_us desc);
create index alerts_close_requested on alerts (tenant_id, id)
  where close_requested_at_us is not null and status <> 'closed';

create table alert_events (
  tenant_id text not null references tenants,
  id uuid not null,
  alert_id uuid not null,
  kind text not null,
  at_us bigint not null,
  done_by text not null,
  text text not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, alert_id) references alerts on delete cascade
);
create index alert_events_by_alert on alert_events (tenant_id, alert_id, id);

create table failure_modes (
  tenant_id text not null references tenants,
  id uuid not null,
  name text not null,
  asset_type_id uuid,
  version integer not null default 1,
  primary key (tenant_id, id),
  unique nulls not distinct (tenant_id, asset_type_id, name),
  foreign key (tenant_id, asset_type_id) references asset_types
);

create table work_orders (
  tenant_id text not null references tenants,
  id uuid not null,
  number integer not null,
  asset_id uuid not null,
  title text not null,
  description text not null default '',
  status text not null
    check (status in ('requested', 'planned', 'in-progress', 'done', 'cancelled')),
  priority text not null default 'normal' check (priority in ('low', 'normal', 'high', 'urgent')),
  origin text not null check (origin in ('person', 'alert', 'prediction', 'import')),
  alert_id uuid,
  prediction_id uuid,
  external_key text,
  upload_id uuid,
  assignee text,
  planned_at_us bigint,
  started_at_us bigint,
  completed_at_us bigint,
  finding text check (finding in ('failure', 'nothing', 'planned')),
  failure_mode_id uuid,
  found_at_us bigint,
  hours double precision check (hours >= 0),
  cost double precision check (cost >= 0),
  notes text not null default '',
  created_at_us bigint not null,
  created_by text not null,
  version integer not null default 1,
  primary key (tenant_id, id),
  unique (tenant_id, number),
  unique (tenant_id, external_key),
  foreign key (tenant_id, asset_id) references assets,
  foreign key (tenant_id, alert_id) references alerts,
  foreign key (tenant_id, failure_mode_id) references failure_modes,
  foreign key (tenant_id, upload_id) references uploads,
  check ((status = 'done') = (finding is not null)),
  check ((finding = 'failure') = (failure_mode_id is not null))
);
create index work_orders_by_asset on work_orders (tenant_id, asset_id, completed_at_us);
create index work_orders_open on work_orders (tenant_id, status) where status <> 'done';
