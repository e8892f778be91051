-- Keys of devices that write line protocol over TCP: public points alone. A client names its key and
-- nothing else, so its id is drawn at random, like a token, and tells the tenant.
create table line_keys (
  tenant_id text not null references tenants,
  id uuid not null,
  key_id text not null,
  name text not null,
  source_id uuid not null,
  x text not null,
  y text not null,
  created_at_us bigint not null,
  last_used_at_us bigint,
  revoked_at_us bigint,
  version integer not null default 1,
  primary key (tenant_id, id),
  foreign key (tenant_id, source_id) references sources
);
create index line_keys_by_key_id on line_keys (key_id);

select protect_tenant_table('line_keys', 'tenant_id', 'select, insert, update, delete');
