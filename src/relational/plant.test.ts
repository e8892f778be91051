import { expect } from "bun:test";
import { onEveryPlace } from "../../test/services/relational.ts";
import { type Actor, systemActor } from "../domain/actor.ts";
import type { Relational } from "../domain/relational.ts";

async function tenant(store: Relational, id: string): Promise<Actor> {
  const who = systemActor(id, "test");
  await store.tenants.create({ id, name: id }, who);
  return who;
}

onEveryPlace("the plant", ({ test, store }) => {
  test("assets form a tree that never closes a circle", async () => {
    const who = await tenant(store(), "tree");
    const line = await store().assets.create(who, { key: "L-1" });
    const pump = await store().assets.create(who, { key: "P-1", parentId: line.id });
    const motor = await store().assets.create(who, { key: "M-1", parentId: pump.id });
    const put = (id: string, parentId: string) => store().assets.update(who, id, { parentId });
    for (const [id, parentId] of [
      [line.id, motor.id],
      [line.id, pump.id],
      [line.id, line.id],
    ])
      await expect(put(id ?? "", parentId ?? "")).rejects.toMatchObject({ code: "invalid" });
    expect(
      (await store().assets.update(who, motor.id, { parentId: undefined })).parentId,
    ).toBeUndefined();
    const branch = await store().assets.list(who, { branch: line.id });
    expect(branch.items.map((asset) => asset.key)).toEqual(["L-1", "P-1"]);
    await expect(store().assets.remove(who, line.id)).rejects.toThrow("1 assets below it");
    await store().assets.remove(who, motor.id);
    expect(await store().assets.byKey(who, "M-1")).toBeUndefined();
  });

  test("two moves at once that would close a circle together do not", async () => {
    const who = await tenant(store(), "moves");
    const a = await store().assets.create(who, { key: "A" });
    const b = await store().assets.create(who, { key: "B" });
    const moves = await Promise.allSettled([
      store().assets.update(who, a.id, { parentId: b.id }),
      store().assets.update(who, b.id, { parentId: a.id }),
    ]);
    expect(moves.map((one) => one.status).sort()).toEqual(["fulfilled", "rejected"]);
  });

  test("assets are listed page by page in order of their names, each once", async () => {
    const who = await tenant(store(), "list");
    const keys = Array.from({ length: 7 }, (_, i) => ({ key: `P-${i}`, name: `N${i % 3} 100%` }));
    await store().assets.upsert(who, keys);
    const seen: string[] = [];
    let after: string | undefined;
    do {
      const page = await store().assets.list(who, { limit: 2, after });
      seen.push(...page.items.map((asset) => `${asset.name} ${asset.key}`));
      after = page.next;
    } while (after !== undefined);
    expect(seen.length).toBe(7);
    expect(new Set(seen).size).toBe(7);
    expect(seen.map((one) => one.slice(0, 2))).toEqual(["N0", "N0", "N0", "N1", "N1", "N2", "N2"]);
    expect((await store().assets.list(who, { query: "1 100%" })).items.length).toBe(2);
    expect((await store().assets.list(who, { query: "%%" })).items).toEqual([]);
  });

  test("importing assets again changes what differs and nothing else", async () => {
    const who = await tenant(store(), "import");
    const rows = [
      { key: "P-1", criticality: "A" as const },
      { key: "P-2", repairCost: 120.5 },
    ];
    expect(await store().assets.upsert(who, rows)).toMatchObject({
      created: 2,
      updated: 0,
      unchanged: 0,
    });
    expect(await store().assets.upsert(who, rows)).toMatchObject({
      created: 0,
      updated: 0,
      unchanged: 2,
    });
    const next = [{ key: "P-1", name: "Pump" }, { key: "P-2" }, { key: "P-3" }];
    const done = await store().assets.upsert(who, next);
    expect(done).toMatchObject({ created: 1, updated: 1, unchanged: 1 });
    expect(done.assets[0]).toMatchObject({ name: "Pump", criticality: "A" });
    expect(done.assets[1]).toMatchObject({ repairCost: 120.5, version: 1 });
  });

  test("what an asset refers to must be its tenant's own", async () => {
    const who = await tenant(store(), "refers");
    const other = await tenant(store(), "refers-other");
    const site = await store().sites.create(other, { name: "North", zone: "UTC" });
    const far = await store().assets.create(other, { key: "P-1" });
    for (const refer of [{ siteId: site.id }, { parentId: far.id }, { typeId: site.id }])
      await expect(store().assets.create(who, { key: "P-1", ...refer })).rejects.toMatchObject({
        code: "invalid",
      });
    await expect(
      store().sensors.create(who, { assetId: far.id, name: "temp" }),
    ).rejects.toMatchObject({ code: "invalid" });
  });

  test("a sensor's limits are in order, and a side may be left open", async () => {
    const who = await tenant(store(), "limits");
    const asset = await store().assets.create(who, { key: "P-1" });
    const input = { assetId: asset.id, name: "temp", unit: "°C", limits: { highWarning: 80 } };
    const sensor = await store().sensors.create(who, input);
    expect(sensor).toMatchObject({ label: "temp", unit: "°C", limits: { highWarning: 80 } });
    const wrong = { highWarning: 90, highCritical: 80 };
    await expect(store().sensors.update(who, sensor.id, { limits: wrong })).rejects.toMatchObject({
      code: "invalid",
    });
    const limits = { lowWarning: 0.1, highCritical: 95 };
    const after = await store().sensors.update(who, sensor.id, { limits });
    expect(after.limits).toEqual(limits);
    const again = await store().sensors.upsert(who, [
      { ...input, unit: "K" },
      { ...input, name: "b" },
    ]);
    expect(again.map((one) => [one.name, one.unit])).toEqual([
      ["temp", "K"],
      ["b", "°C"],
    ]);
  });

  test("a series from the inbox is adopted with its history, ignored, or put back", async () => {
    const who = await tenant(store(), "adopt");
    const tenantNo = (await store().tenants.get("adopt"))?.no ?? 0;
    const source = await store().sources.create(who, { name: "gw", kind: "line-protocol" });
    const entry = (seriesNo: number, field: string) => ({
      ...{ tenantNo, seriesNo, measurement: "m", tags: [["line", "7"]] as const, field },
      ...{ kind: "numeric" as const, sourceNo: source.no, deviceKey: "m line=7", firstAtUs: 40 },
    });
    const batch = { transitions: [], ledger: [], quarantine: [] };
    const sequence = (await store().cursor()) + 1;
    await store().applyBatch({ ...batch, sequence, newSeries: [entry(51, "a"), entry(52, "b")] });
    const [row] = await store().series.adopt(who, [{ seriesNo: 51, assetKey: "P-7", unit: "bar" }]);
    expect(row).toMatchObject({ status: "adopted", mappedFromUs: 40, sensorName: "a (line=7)" });
    const asset = await store().assets.byKey(who, "P-7");
    expect(await store().sensors.ofAsset(who, asset?.id ?? "")).toMatchObject([
      { name: "a (line=7)", unit: "bar", kind: "numeric" },
    ]);
    expect(await store().series.mapped(who, { assetId: asset?.id })).toMatchObject([
      { seriesNo: 51, assetId: asset?.id, mappedFromUs: 40 },
    ]);
    await store().series.ignore(who, [52]);
    expect(await store().series.counts(who)).toEqual({ inbox: 0, adopted: 1, ignored: 1 });
    expect(await store().series.release(who, [51, 52, 999])).toBe(2);
    const inbox = await store().series.list(who, { status: "inbox", query: "line=7" });
    expect(inbox.items.map((one) => one.seriesNo)).toEqual([51, 52]);
    await expect(store().series.adopt(who, [{ seriesNo: 999 }])).rejects.toMatchObject({
      code: "not-found",
    });
  });

  test("work goes its way and ends with what was found", async () => {
    const who = await tenant(store(), "work");
    const asset = await store().assets.create(who, { key: "P-1" });
    const mode = await store().failureModes.create(who, { name: "bearing" });
    const first = await store().work.create(who, { assetId: asset.id, title: "Look" });
    const second = await store().work.create(who, {
      assetId: asset.id,
      title: "Oil",
      priority: "urgent",
    });
    expect([first.number, second.number, first.status]).toEqual([1, 2, "requested"]);
    const open = await store().work.list(who);
    expect(open.items.map((work) => work.title)).toEqual(["Oil", "Look"]);
    await expect(store().work.move(who, first.id, "done")).rejects.toMatchObject({
      code: "invalid",
    });
    const begun = await store().work.move(who, first.id, "in-progress", { version: 1 });
    expect(begun.startedAtUs).toBeGreaterThan(0);
    const found = { foundAtUs: 5, hours: 2.5, cost: 400, notes: "inner race" };
    const nothing = { ...found, finding: "failure", failureModeId: undefined } as const;
    await expect(store().work.close(who, first.id, nothing)).rejects.toMatchObject({
      code: "invalid",
    });
    const closeOut = { ...found, finding: "failure", failureModeId: mode.id } as const;
    const done = await store().work.close(who, first.id, closeOut, { version: 2 });
    expect(done).toMatchObject({ status: "done", closeOut, version: 3 });
    await expect(store().work.move(who, first.id, "planned")).rejects.toMatchObject({
      code: "conflict",
    });
    expect((await store().work.labels(who)).map((work) => work.id)).toEqual([first.id]);
    expect(await store().work.counts(who)).toMatchObject({ requested: 1, done: 1 });
    expect((await store().failureModes.list(who)).map((one) => one.name)).toEqual(["bearing"]);
  });

  test("maintenance records come in once, whatever is imported again", async () => {
    const who = await tenant(store(), "records");
    const type = await store().assetTypes.ensure(who, { name: "pump" });
    const asset = await store().assets.create(who, { key: "P-1", typeId: type.id });
    const record = (n: number, finding: "failure" | "nothing") => ({
      ...{ externalKey: `SAP-${n}`, assetId: asset.id, title: `Repair ${n}`, completedAtUs: n },
      ...(finding === "failure" ? { finding, failureMode: "seal" } : { finding }),
    });
    const records = [record(1, "failure"), record(2, "nothing"), record(3, "failure")];
    const counts = await store().work.importRecords(who, records);
    expect(counts).toEqual({ created: 3, updated: 0, unchanged: 0 });
    const changed = [
      ...records.slice(0, 2),
      { ...record(3, "failure"), cost: 9 },
      record(4, "nothing"),
    ];
    const again = await store().work.importRecords(who, changed);
    expect(again).toEqual({ created: 1, updated: 1, unchanged: 2 });
    const labels = await store().work.labels(who, asset.id);
    const said = labels.map(
      ({ number, closeOut }) => `${number} ${closeOut?.finding} ${closeOut?.cost ?? "no"} cost`,
    );
    expect(said).toEqual([
      ...["1 failure no cost", "2 nothing no cost", "3 failure 9 cost", "4 nothing no cost"],
    ]);
    expect(await store().failureModes.list(who, type.id)).toMatchObject([
      { name: "seal", assetTypeId: type.id },
    ]);
  });
});
