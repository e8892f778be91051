-- How far each consumer of the log has come; belongs to the installation, not to a tenant.
create table engine_cursors (
  name text primary key,
  sequence bigint not null
);

-- A second lock on tenancy. The program acts for a tenant in the role foresight_app, which owns nothing
-- and sees the rows of the tenant in app.tenant alone; work for the whole installation (the log's
-- consumer, sign-in by token) is done in foresight_system. Later migrations call this for new tables,
-- and change rows of tenants in foresight_system: the owner is bound by the policies too.
create function protect_tenant_table(target regclass, tenant_column text, app_rights text)
returns void language plpgsql as $$
begin
  execute format('alter table %s enable row level security', target);
  execute format('alter table %s force row level security', target);
  execute format(
    'create policy own_rows on %s to foresight_app using (%I = current_setting(''app.tenant'', true))
     with check (%I = current_setting(''app.tenant'', true))', target, tenant_column, tenant_column);
  execute format(
    'create policy all_rows on %s to foresight_system using (true) with check (true)', target);
  execute format('grant %s on %s to foresight_app', app_rights, target);
  execute format('grant %s on %s to foresight_system', app_rights, target);
end $$;

do $$
declare name text;
begin
  foreach name in array array[
    'sites', 'users', 'sessions', 'sign_in_links', 'sources', 'api_keys', 'asset_types', 'assets',
    'sensors', 'series', 'quarantine', 'uploads', 'connectors', 'checkpoints', 'settings', 'secrets',
    'idempotency_keys', 'alert_rules', 'alert_rule_versions', 'alerts', 'alert_events',
    'failure_modes', 'work_orders', 'feature_sets', 'feature_rows', 'model_registry', 'predictions',
    'health_scores', 'job_runs'
  ] loop
    perform protect_tenant_table(name::regclass, 'tenant_id', 'select, insert, update, delete');
  end loop;
end $$;

-- Nobody edits or removes what was written.
select protect_tenant_table('audit_log', 'tenant_id', 'select, insert');
select protect_tenant_table('tenants', 'id', 'select, update');
grant insert on tenants to foresight_system;
grant select, insert, update on engine_cursors to foresight_system;

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'the audit log is only ever added to';
end $$;
create trigger audit_log_append_only before update or delete or truncate on audit_log
  for each statement execute function refuse_change();

revoke execute on function protect_tenant_table(regclass, text, text) from public;
