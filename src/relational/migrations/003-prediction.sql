create table feature_sets (
  tenant_id text not null references tenants,
  id text not null,
  asset_type_id uuid not null,
  names text[] not null,
  created_at_us bigint not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, asset_type_id) references asset_types
);

create table feature_rows (
  tenant_id text not null references tenants,
  set_id text not null,
  asset_id uuid not null,
  at_us bigint not null,
  step double precision not null,
  -- Little-endian doubles, one for each name of the set; kept to the last bit.
  "values" bytea not null,
  coverage double precision not null,
  reconstructed boolean not null,
  primary key (tenant_id, set_id, asset_id, at_us),
  foreign key (tenant_id, set_id) references feature_sets on delete cascade,
  foreign key (tenant_id, asset_id) references assets on delete cascade
);

create table model_registry (
  tenant_id text not null references tenants,
  id uuid not null,
  asset_type_id uuid not null,
  target text not null,
  learner text not null,
  number integer not null,
  stage text not null check (stage in ('champion', 'challenger', 'retired')),
  metrics jsonb not null,
  importance jsonb not null,
  settings jsonb not null,
  feature_set_id text,
  hash text not null,
  artifact bytea not null,
  size_bytes integer not null,
  seed bigint not null,
  trained_at_us bigint not null,
  promoted_at_us bigint,
  promoted_by text,
  reason text,
  version integer not null default 1,
  primary key (tenant_id, id),
  unique (tenant_id, asset_type_id, target, number),
  foreign key (tenant_id, asset_type_id) references asset_types
);
alter table model_registry alter column artifact set storage external;
create unique index model_champion on model_registry (tenant_id, asset_type_id, target)
  where stage = 'champion';

create table predictions (
  tenant_id text not null references tenants,
  id uuid not null,
  asset_id uuid not null,
  at_us bigint not null,
  model_id uuid,
  fallback boolean not null,
  failure_chance double precision check (failure_chance between 0 and 1),
  horizon_steps integer not null,
  remaining double precision,
  remaining_low double precision,
  remaining_high double precision,
  unit text not null,
  coverage double precision not null,
  explanation jsonb not null,
  primary key (tenant_id, id),
  unique nulls not distinct (tenant_id, asset_id, at_us, model_id),
  foreign key (tenant_id, asset_id) references assets on delete cascade,
  foreign key (tenant_id, model_id) references model_registry
);

create table health_scores (
  tenant_id text not null references tenants,
  asset_id uuid not null,
  at_us bigint not null,
  score double precision not null check (score between 0 and 100),
  parts jsonb not null,
  primary key (tenant_id, asset_id, at_us),
  foreign key (tenant_id, asset_id) references assets on delete cascade
);

create table job_runs (
  tenant_id text not null references tenants,
  id uuid not null,
  job text not null,
  trigger text not null check (trigger in ('schedule', 'person', 'catch-up')),
  status text not null check (status in ('running', 'succeeded', 'failed', 'interrupted')),
  due_at_us bigint not null,
  started_at_us bigint not null,
  finished_at_us bigint,
  progress double precision not null default 0,
  step text not null default '',
  counts jsonb not null default '{}',
  error text,
  started_by text not null,
  primary key (tenant_id, id)
);
-- What the schedule wanted is run once, also when two nodes think of it.
create unique index job_runs_due on job_runs (tenant_id, job, due_at_us)
  where trigger <> 'person';
create index job_runs_by_job on job_runs (tenant_id, job, started_at_us desc);
