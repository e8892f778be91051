-- What lines of a source go through before they become readings.
create table mapping_rules (
  tenant_id text not null references tenants,
  id uuid not null,
  source_id uuid not null,
  measurement text,
  change jsonb not null,
  created_at_us bigint not null,
  created_by text not null,
  version integer not null default 1,
  primary key (tenant_id, id),
  foreign key (tenant_id, source_id) references sources
);
create index mapping_rules_by_source on mapping_rules (tenant_id, source_id, id);

select protect_tenant_table('mapping_rules', 'tenant_id', 'select, insert, update, delete');

-- Readings that such rules left out; they count as received.
alter table sources add column ignored bigint not null default 0;
