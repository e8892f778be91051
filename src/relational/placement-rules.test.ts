import { expect } from "bun:test";
import { onEveryPlace } from "../../test/services/relational.ts";
import { systemActor } from "../domain/actor.ts";
import { PLACEMENT_RULES_MAX } from "../domain/placement-rule.ts";
import type { Relational } from "../domain/relational.ts";
import { deviceKeyOf, type SeriesEntry, type Tags } from "../domain/series.ts";

const NOTHING = { transitions: [], newSeries: [], ledger: [], quarantine: [] };
/** Numbers of series are the installation's. */
let nextNo = 7_000_000;

async function plant(store: Relational, tenantId: string, autoAdopt = false) {
  const who = systemActor(tenantId, "test");
  const { no: tenantNo } = await store.tenants.create({ id: tenantId, name: tenantId }, who);
  const kind = "line-protocol" as const;
  const { no: sourceNo } = await store.sources.create(who, { name: "gateway", kind, autoAdopt });
  /** New series, with what became of each: the asset's key and the sensor's name, or "inbox". */
  const arrive = async (...all: readonly Tags[]) => {
    const newSeries = all.map(
      (tags): SeriesEntry => ({
        ...{ tenantNo, sourceNo, seriesNo: nextNo++, measurement: "m", tags, field: "bar" },
        ...{ kind: "numeric", deviceKey: deviceKeyOf("m", tags), firstAtUs: 40 },
      }),
    );
    const sequence = (await store.cursor()) + 1;
    const applied = await store.applyBatch({ ...NOTHING, sequence, newSeries });
    const assets = new Map((await store.assets.all(who)).map((one) => [one.id, one.key]));
    const mapped = await store.series.mapped(who, {});
    expect(applied.mapped.length + applied.inbox.length).toBe(all.length);
    return newSeries.map(({ seriesNo }) => {
      const own = mapped.find((one) => one.seriesNo === seriesNo);
      return own ? `${assets.get(own.assetId)}/${own.sensorName}` : "inbox";
    });
  };
  return { who, arrive };
}

onEveryPlace("placement rules", ({ test, store }) => {
  test("series to come are placed, those that wait and those of others are not", async () => {
    const other = await plant(store(), "elsewhere");
    const { who, arrive } = await plant(store(), "ruled");
    expect(await arrive([["line", "1"]])).toEqual(["inbox"]);
    const rule = await store().placementRules.create(who, {
      asset: "Line {line}",
      sensor: "{field}",
    });
    expect(
      await arrive(
        [
          ["line", "1"],
          ["pos", "x"],
        ],
        [["cell", "9"]],
      ),
    ).toEqual(["Line 1/bar", "inbox"]);
    expect(await other.arrive([["line", "1"]])).toEqual(["inbox"]);
    expect(await store().placementRules.list(other.who)).toEqual([]);
    const foreign = store().placementRules.remove(other.who, rule.id);
    await expect(foreign).rejects.toMatchObject({ code: "not-found" });
    await store().placementRules.remove(who, rule.id);
    expect(await arrive([["line", "2"]])).toEqual(["inbox"]);
  });

  test("names that people gave go before a rule, a rule before what a source does by itself", async () => {
    const { who, arrive } = await plant(store(), "first", true);
    const asset = await store().assets.create(who, { key: "P-1" });
    await store().sensors.create(who, { assetId: asset.id, name: "bar" });
    await store().placementRules.create(who, { asset: "Pump {asset}", sensor: "pressure" });
    const known = [["asset", "P-1"]] as const;
    const fresh = [["asset", "P-2"]] as const;
    expect(await arrive(known, fresh, [["line", "3"]])).toEqual([
      "P-1/bar",
      "Pump P-2/pressure",
      "Pump m line=3/pressure",
    ]);
  });

  test("a name that nothing can be called leaves the series in the inbox", async () => {
    const { who, arrive } = await plant(store(), "long");
    await store().placementRules.create(who, { asset: "{line}", sensor: "{field}" });
    expect(await arrive([["line", "x".repeat(300)]])).toEqual(["inbox"]);
  });

  test("a tenant has so many, each of them a pattern", async () => {
    const { who } = await plant(store(), "many");
    const make = (asset: string) => store().placementRules.create(who, { asset, sensor: "s" });
    await expect(make("{line")).rejects.toMatchObject({ code: "invalid" });
    for (let i = 0; i < PLACEMENT_RULES_MAX; i++) await make(`A${i}`);
    await expect(make("B")).rejects.toMatchObject({ code: "invalid" });
  });
});
