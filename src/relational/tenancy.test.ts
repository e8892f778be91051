import { expect } from "bun:test";
import type { Sql } from "postgres";
import { onEveryPlace } from "../../test/services/relational.ts";
import { systemActor } from "../domain/actor.ts";
import type { Relational } from "../domain/relational.ts";

/** Puts at least one row into every table of a tenant. */
async function fill(store: Relational, tenantId: string): Promise<void> {
  const who = systemActor(tenantId, "test");
  await store.tenants.create({ id: tenantId, name: tenantId }, who);
  const user = { email: "a@example.com", name: "Ann", role: "admin" } as const;
  const { id: userId } = await store.users.create(who, { ...user, password: "correct horse" });
  await store.sessions.open({ tenantId, userId, from: "", idleMs: 60_000 });
  await store.sessions.createLink(tenantId, userId, 60_000);
  const key = { name: "plc", scope: "write" } as const;
  const { key: made } = await store.apiKeys.create(who, key, { idempotencyKey: "k1" });
  await store.lineKeys.create(who, { name: "plc" });
  const [source] = await store.sources.list(who);
  const site = await store.sites.create(who, { name: "North", zone: "Europe/Madrid" });
  const type = await store.assetTypes.create(who, { name: "pump" });
  const place = { typeId: type.id, siteId: site.id };
  const asset = await store.assets.create(who, { key: "P-1", ...place });
  const sensor = await store.sensors.create(who, { assetId: asset.id, name: "temp" });
  const terms = { severity: "warning", op: "above", threshold: 1, clear: 1, holdMs: 0 } as const;
  const scope = { kind: "sensor", sensorId: sensor.id } as const;
  const rule = await store.rules.create(who, { name: "hot", ...terms, scope });
  const tenantNo = (await store.tenants.get(tenantId))?.no ?? 0;
  const cursor = await store.cursor();
  const seriesNo = tenantNo;
  const sourceNo = source?.no ?? 0;
  await store.applyBatch({
    sequence: cursor + 1,
    transitions: [
      {
        ...{ sequence: cursor + 1, index: 0, tenantNo, ruleId: rule.id, ruleVersion: 1, seriesNo },
        ...{ severity: "warning", kind: "opened", reason: "condition", atUs: 2, sinceUs: 1 },
        ...{ value: 5, threshold: 1 },
      },
    ],
    newSeries: [
      {
        ...{ tenantNo, measurement: "m", tags: [["asset", "P-1"]], field: "temp", seriesNo },
        ...{ kind: "numeric", sourceNo, deviceKey: "P-1", firstAtUs: 1 },
      },
    ],
    ledger: [],
    quarantine: [
      {
        ...{ tenantNo, sourceNo, receivedAtUs: 1, lineNo: 1, column: 1 },
        ...{ reason: "no field", line: "x" },
      },
    ],
  });
  const mode = await store.failureModes.create(who, { name: "bearing", assetTypeId: type.id });
  const work = await store.work.create(who, { assetId: asset.id, title: "look" });
  const found = { foundAtUs: undefined, hours: 1, cost: 2, notes: "" };
  await store.work.close(who, work.id, { finding: "failure", failureModeId: mode.id, ...found });
  const file = { name: "a.csv", kind: "assets", blobKey: "b", sizeBytes: 1, sha256: "" } as const;
  await store.uploads.create(who, file);
  const connector = await store.connectors.create(who, {
    name: "c",
    plugin: "files",
    settings: {},
  });
  await store.connectors.saveCheckpoint(who, connector.id, "1");
  await store.placementRules.create(who, { asset: "{asset}", sensor: "{sensor}" });
  const drop = { kind: "drop", part: "field", name: "note" } as const;
  await store.mappingRules.create(who, { sourceId: source?.id ?? "", change: drop });
  await store.settings.set(who, "theme", "dark");
  await store.secrets.set(who, "password", "hunter2");
  const set = { id: "set", assetTypeId: type.id, names: ["a"] };
  await store.features.ensureSet(who, set);
  const row = { assetId: asset.id, atUs: 1, step: 1, coverage: 1, reconstructed: false };
  await store.features.put(who, "set", [{ ...row, values: new Float64Array(1) }]);
  await store.models.add(who, {
    ...{ assetTypeId: type.id, target: "life", learner: "forest", metrics: {}, importance: [] },
    ...{ settings: {}, seed: 1, trainedAtUs: 1, artifact: new Uint8Array(3) },
  });
  await store.predictions.put(who, [
    {
      ...{ assetId: asset.id, atUs: 1, modelId: undefined, fallback: true, failureChance: 0.5 },
      ...{ horizonSteps: 10, remaining: 5, remainingLow: 3, remainingHigh: 8, unit: "h" },
      ...{ coverage: 1, explanation: [] },
    },
  ]);
  await store.predictions.putHealth(who, [{ assetId: asset.id, atUs: 1, score: 90, parts: [] }]);
  await store.jobRuns.begin(who, { job: "train", trigger: "person", dueAtUs: 1 });
  expect(made.scope).toBe("write");
}

/** Every table of ours and the column that names its tenant, from the database's own catalog. */
async function tenantTables(admin: Sql): Promise<{ name: string; column: string }[]> {
  const rows = await admin<{ name: string; columns: string[] }[]>`
    select c.relname as name, array_agg(a.attname::text) as columns
      from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
     where c.relnamespace = 'foresight'::regnamespace and c.relkind in ('r', 'p')
     group by 1 order by 1`;
  return rows.flatMap(({ name, columns }) => {
    if (name === "tenants") return [{ name, column: "id" }];
    return columns.includes("tenant_id") ? [{ name, column: "tenant_id" }] : [];
  });
}

function asTenant<T>(admin: Sql, tenant: string, work: (tx: Sql) => Promise<T>): Promise<T> {
  return admin.begin(async (tx) => {
    await tx`select set_config('app.tenant', ${tenant}, true), set_config('role', 'foresight_app', true)`;
    // A transaction takes the same queries as the pool it came from.
    return work(tx as unknown as Sql);
  }) as Promise<T>;
}

const INSTALLATION_WIDE = ["engine_cursors", "schema_migrations"];

onEveryPlace("tenancy", ({ test, store, admin }) => {
  test("every table names its tenant, but those of the installation", async () => {
    await fill(store(), "acme");
    await fill(store(), "bolt");
    const named = (await tenantTables(admin())).map((table) => table.name);
    const all = await admin()<{ name: string }[]>`
      select relname as name from pg_class
       where relnamespace = 'foresight'::regnamespace and relkind in ('r', 'p') order by 1`;
    const others = all.map((table) => table.name).filter((name) => !named.includes(name));
    expect(others).toEqual(INSTALLATION_WIDE);
    expect(named.length).toBeGreaterThan(28);
  });

  test("policies are on and forced for every tenant table, and tenant_id leads every key", async () => {
    const open = await admin()<{ name: string }[]>`
      select relname as name from pg_class
       where relnamespace = 'foresight'::regnamespace and relkind in ('r', 'p')
         and not (relrowsecurity and relforcerowsecurity) order by 1`;
    expect(open.map((row) => row.name)).toEqual(INSTALLATION_WIDE);
    const keys = await admin()<{ name: string; first: string }[]>`
      select i.indexrelid::regclass::text as name, a.attname::text as first
        from pg_index i join pg_class c on c.oid = i.indrelid
        join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
       where c.relnamespace = 'foresight'::regnamespace and i.indisunique`;
    const others = keys.filter((key) => key.first !== "tenant_id").map((key) => key.name);
    expect(others.sort()).toEqual([
      ...["engine_cursors_pkey", "schema_migrations_pkey", "tenants_no_key", "tenants_pkey"],
    ]);
  });

  test("a tenant sees its own rows of every table and none of another's", async () => {
    for (const { name, column } of await tenantTables(admin())) {
      const seen = await asTenant(admin(), "acme", (tx) =>
        tx.unsafe(`select ${column} as tenant, count(*)::int as n from ${name} group by 1`),
      );
      expect([name, seen.map((row) => row.tenant)]).toEqual([name, ["acme"]]);
    }
  });

  test("a tenant changes, removes and inserts nothing of another's", async () => {
    for (const { name, column } of await tenantTables(admin())) {
      const before = await admin().unsafe(`select * from ${name} where ${column} = 'bolt'`);
      const touched = async (sql: string): Promise<number | string> => {
        try {
          return (await asTenant(admin(), "acme", (tx) => tx.unsafe(sql))).count;
        } catch (error) {
          return error instanceof Error && "code" in error ? String(error.code) : "?";
        }
      };
      const denied = "42501";
      const updated = await touched(
        `update ${name} set ${column} = ${column} where ${column} = 'bolt'`,
      );
      expect([name, updated]).toEqual([name, name === "audit_log" ? denied : 0]);
      const removed = await touched(`delete from ${name} where ${column} = 'bolt'`);
      const mayDelete = name !== "audit_log" && name !== "tenants";
      expect([name, removed]).toEqual([name, mayDelete ? 0 : denied]);
      const stolen = await touched(
        `update ${name} set ${column} = 'bolt' where ${column} = 'acme'`,
      );
      expect([name, stolen]).toEqual([name, denied]);
      // A row as the other tenant would write it: the policy answers before any key does.
      const [row] = await admin().unsafe(
        `select to_jsonb(t)::text as json from ${name} t where ${column} = 'bolt' limit 1`,
      );
      expect([name, typeof row?.json]).toEqual([name, "string"]);
      const literal = `'${String(row?.json).replaceAll("'", "''")}'::jsonb`;
      const copied = await touched(
        `insert into ${name} overriding system value select * from jsonb_populate_record(null::${name}, ${literal})`,
      );
      expect([name, copied]).toEqual([name, denied]);
      expect(await admin().unsafe(`select * from ${name} where ${column} = 'bolt'`)).toEqual(
        before,
      );
    }
  });

  test("without a tenant, or with an invented one, nothing is seen", async () => {
    for (const tenant of ["", "nobody", "ACME", "%", "acme' or '1'='1"])
      for (const { name } of await tenantTables(admin())) {
        const rows = await asTenant(admin(), tenant, (tx) => tx.unsafe(`select 1 from ${name}`));
        expect([tenant, name, rows.length]).toEqual([tenant, name, 0]);
      }
  });

  test("the role owns nothing, is nobody special, and cannot turn the policies off", async () => {
    const [role] = await admin()`
      select rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolcanlogin, rolreplication
        from pg_roles where rolname = 'foresight_app'`;
    expect(Object.values(role ?? { missing: true })).toEqual(Array(6).fill(false));
    const [owned] = await admin()`
      select count(*)::int as n from pg_shdepend d join pg_roles r on r.oid = d.refobjid
       where r.rolname in ('foresight_app', 'foresight_system') and d.deptype = 'o'`;
    expect(owned?.n).toBe(0);
    const [member] = await admin()`
      select count(*)::int as n from pg_auth_members m join pg_roles r on r.oid = m.member
       where r.rolname = 'foresight_app'`;
    expect(member?.n).toBe(0);
  });

  const attempts = [
    ["row_security off", "set local row_security = off; select * from assets"],
    ["dropping a policy", "drop policy own_rows on assets"],
    ["disabling the policies", "alter table assets disable row level security"],
    ["making a table", "create table foresight.mine (id int)"],
    ["the log's cursor", "update engine_cursors set sequence = 0"],
    ["the migrations", "select * from schema_migrations"],
    ["emptying a table", "truncate sessions"],
    ["the protecting function", "select protect_tenant_table('assets', 'tenant_id', 'select')"],
  ] as const;
  for (const [name, sql] of attempts)
    test(`the role may not: ${name}`, async () => {
      const tried = asTenant(admin(), "acme", (tx) => tx.unsafe(sql));
      await expect(tried).rejects.toMatchObject({ code: "42501" });
    });

  test("a login that has only the tenant's role cannot become more", async () => {
    await admin().unsafe("drop role if exists foresight_probe");
    await admin().unsafe("create role foresight_probe nologin in role foresight_app");
    const become = (role: string) =>
      admin().begin(async (tx) => {
        await tx.unsafe("set local session authorization foresight_probe");
        await tx.unsafe(`set local role ${role}`);
      });
    await become("foresight_app");
    await expect(become("foresight_system")).rejects.toMatchObject({ code: "42501" });
    await expect(become("postgres")).rejects.toMatchObject({ code: "42501" });
  });

  test("the audit log is only ever added to, by its owner too", async () => {
    for (const sql of [
      "update audit_log set action = ''",
      "delete from audit_log",
      "truncate audit_log",
    ])
      await expect(admin().unsafe(sql)).rejects.toThrow(/only ever added to/);
  });
});
