import { expect } from "bun:test";
import { onEveryPlace } from "../../test/services/relational.ts";
import { type Actor, systemActor } from "../domain/actor.ts";
import type { Relational } from "../domain/relational.ts";

async function tenant(store: Relational, id: string): Promise<Actor> {
  const who = { ...systemActor(id, "test"), name: "Ann", from: "10.0.0.1" };
  await store.tenants.create({ id, name: id }, who);
  return who;
}

onEveryPlace("changes", ({ test, store }) => {
  test("each writes who, what, before, after and from where, or nothing at all", async () => {
    const who = await tenant(store(), "audit");
    const site = await store().sites.create(who, { name: "North", zone: "UTC" });
    await store().sites.update(who, site.id, { zone: "Europe/Madrid" });
    await expect(store().sites.update(who, site.id, { zone: "Mars" })).rejects.toThrow("Mars");
    await store().sites.remove(who, site.id);
    const { items } = await store().audit.list(who, { nounId: site.id });
    const actor = { actorKind: "system", actorId: "test", actorName: "Ann", from: "10.0.0.1" };
    const kept = { id: site.id, name: "North", zone: "Europe/Madrid", version: 2 };
    expect(items).toMatchObject([
      { ...actor, action: "site.remove", before: kept, after: undefined },
      { action: "site.update", before: { zone: "UTC" }, after: { zone: "Europe/Madrid" } },
      { action: "site.create", before: undefined, after: { name: "North", zone: "UTC" } },
    ]);
    const page = await store().audit.list(who, { limit: 2 });
    const rest = await store().audit.list(who, { limit: 2, after: page.next });
    expect([...page.items, ...rest.items].map((one) => one.action)).toEqual([
      ...["site.remove", "site.update", "site.create", "tenant.create"],
    ]);
  });

  test("one with an old version is refused with both, and one without is not asked", async () => {
    const who = await tenant(store(), "version");
    const asset = await store().assets.create(who, { key: "P-1" });
    const second = await store().assets.update(who, asset.id, { name: "Pump" }, { version: 1 });
    expect(second.version).toBe(2);
    const late = store().assets.update(who, asset.id, { name: "Late" }, { version: 1 });
    await expect(late).rejects.toMatchObject({
      code: "conflict",
      details: { sent: 1, current: 2, newest: { name: "Pump" } },
    });
    expect((await store().assets.update(who, asset.id, { name: "Free" })).version).toBe(3);
  });

  test("of those that come at once with the same version, one wins", async () => {
    const who = await tenant(store(), "race");
    const asset = await store().assets.create(who, { key: "P-1" });
    const tries = ["a", "b", "c", "d"].map((name) =>
      store().assets.update(who, asset.id, { name }, { version: 1 }),
    );
    const settled = await Promise.allSettled(tries);
    expect(settled.filter((one) => one.status === "fulfilled").length).toBe(1);
  });

  test("a repeated idempotency key gives the first answer and does nothing", async () => {
    const who = await tenant(store(), "again");
    const change = { idempotencyKey: "k" };
    const create = (key: string) => store().assets.create(who, { key }, change);
    const [first, second] = await Promise.all([create("P-1"), create("P-1")]);
    expect(second.id).toBe(first.id);
    expect((await create("P-1")).id).toBe(first.id);
    expect((await store().assets.all(who)).length).toBe(1);
    await expect(create("P-2")).rejects.toMatchObject({ code: "conflict" });
    const other = { ...who, id: "somebody else" };
    await store().assets.create(other, { key: "P-3" }, change);
    expect((await store().assets.all(who)).length).toBe(2);
  });

  test("a refused one leaves its idempotency key free", async () => {
    const who = await tenant(store(), "free");
    const change = { idempotencyKey: "k" };
    const site = { name: "North", zone: "Mars" };
    await expect(store().sites.create(who, site, change)).rejects.toMatchObject({
      code: "invalid",
    });
    await store().sites.create(who, { ...site, zone: "UTC" }, change);
    expect((await store().sites.list(who)).length).toBe(1);
  });

  const ids = ["not-an-id", "0198b0f0-0000-7000-8000-000000000000", "'; drop table assets; --", ""];
  for (const id of ids)
    test(`an id that nothing has is not found: ${JSON.stringify(id)}`, async () => {
      const who = { ...systemActor("nobody", "x") };
      const s = store();
      const reads = [
        ...[
          s.sites.get(who, id),
          s.users.get(who, id),
          s.assets.get(who, id),
          s.rules.get(who, id),
        ],
        ...[
          s.sensors.get(who, id),
          s.alerts.get(who, id),
          s.work.get(who, id),
          s.models.get(who, id),
        ],
        ...[s.uploads.get(who, id), s.jobRuns.get(who, id), s.predictions.get(who, id)],
        ...[s.connectors.get(who, id), s.sources.get(who, id), s.assetTypes.get(who, id)],
        ...[s.apiKeys.get(who, id), s.models.artifact(who, id)],
      ];
      for (const found of await Promise.all(reads)) expect(found).toBeUndefined();
      const writes = [
        ...[() => s.sites.update(who, id, {}), () => s.users.update(who, id, {})],
        ...[() => s.assets.update(who, id, {}), () => s.assets.remove(who, id)],
        ...[() => s.sensors.update(who, id, {}), () => s.rules.update(who, id, {})],
        ...[() => s.rules.remove(who, id), () => s.alerts.acknowledge(who, id)],
        ...[() => s.alerts.requestClose(who, id), () => s.alerts.comment(who, id, "hm")],
        ...[() => s.work.update(who, id, {}), () => s.work.move(who, id, "planned")],
        ...[() => s.models.promote(who, id, "better"), () => s.apiKeys.revoke(who, id)],
        ...[() => s.connectors.update(who, id, {}), () => s.sources.update(who, id, {})],
        ...[() => s.assetTypes.update(who, id, {}), () => s.connectors.remove(who, id)],
      ];
      for (const write of writes)
        await expect(write()).rejects.toMatchObject({ code: "not-found" });
    });
});
