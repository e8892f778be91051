-- Where series to come belong, by their names; see placement.ts.
create table placement_rules (
  tenant_id text not null references tenants,
  id uuid not null,
  asset text not null,
  sensor text not null,
  query text,
  created_at_us bigint not null,
  created_by text not null,
  version integer not null default 1,
  primary key (tenant_id, id)
);

select protect_tenant_table('placement_rules', 'tenant_id', 'select, insert, update, delete');
