-- How a refused line was sent, so that it can be sent again; null for lines kept before this was noted.
alter table quarantine add column dialect text check (dialect in ('influx', 'questdb'));
alter table quarantine add column precision text
  check (precision in ('ns', 'us', 'ms', 's', 'm', 'h', 'auto'));
alter table quarantine add column is_cut boolean not null default false;

-- Lines taken out of quarantine by people. A replayed line no longer counts as refused.
alter table sources add column replayed bigint not null default 0;
alter table sources add column removed bigint not null default 0;
