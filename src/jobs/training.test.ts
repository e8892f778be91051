import { expect, setDefaultTimeout, test } from "bun:test";
import { onEveryPlace } from "../../test/services/relational.ts";
import { systemActor } from "../domain/actor.ts";
import type { AssetHistory } from "../domain/feature.ts";
import type { Verdict } from "../domain/model.ts";
import type { Relational } from "../domain/relational.ts";
import { createLearning } from "../learning.ts";
import { wornFleet } from "../ml/test-fleet.ts";
import type { Fleet } from "./histories.ts";
import { championOf, trainFleet, verdictText } from "./training.ts";

setDefaultTimeout(120_000);

const learning = createLearning(() => new Worker(new URL("../trainer.ts", import.meta.url).href));
const NONE = {
  failures: 0,
  cuts: 0,
  championRmseSteps: undefined,
  candidateRmseSteps: undefined,
} satisfies Partial<Verdict>;

async function fleetOf(store: Relational, tenantId: string, histories: readonly AssetHistory[]) {
  const who = systemActor(tenantId, "test");
  await store.tenants.create({ id: tenantId, name: tenantId }, who);
  const type = await store.assetTypes.create(who, { name: "pump", horizonSteps: 40 });
  const members = await Promise.all(
    histories.map(async (history) => {
      const asset = await store.assets.create(who, { key: history.assetId, typeId: type.id });
      return { asset, sensors: [], history, coverage: 1, openAlerts: [] };
    }),
  );
  return { who, fleet: { type, members } satisfies Fleet };
}

function run(nowUs: number) {
  return { nowUs, signal: new AbortController().signal, onProgress: () => {} };
}

onEveryPlace("training a fleet", ({ test, store }) => {
  test("a second training with nothing new leaves the champion and says why", async () => {
    const deps = { models: store().models, learning };
    const histories = wornFleet({ assets: 3, seed: 3, longest: 70 });
    const { who, fleet } = await fleetOf(store(), "again", histories);
    const first = await trainFleet(deps, who, fleet, run(1));
    expect(first).toMatchObject({ promoted: true, row: { number: 1, stage: "champion" } });
    const second = await trainFleet(deps, who, fleet, run(2));
    expect(second).toMatchObject({ promoted: false, row: { number: 2, stage: "challenger" } });
    const champion = await championOf(deps.models, who, fleet.type.id);
    expect(champion?.row).toMatchObject({ number: 1, reason: "the first model of its kind" });
    const [newest] = await deps.models.list(who);
    expect(newest?.reason).toBe(
      "only 0 failures since the champion was trained: too few to compare",
    );
    expect(newest?.metrics).toMatchObject({ verdict: { promote: false, reason: "nothing new" } });
  });

  test("too few failures make no row", async () => {
    const deps = { models: store().models, learning };
    const { who, fleet } = await fleetOf(store(), "few", wornFleet({ assets: 2, seed: 3 }));
    expect((await trainFleet(deps, who, fleet, run(1))).kind).toBe("too-few-failures");
    expect(await deps.models.list(who)).toEqual([]);
  });

  test("another planning horizon takes the champion's place", async () => {
    const deps = { models: store().models, learning };
    const histories = wornFleet({ assets: 3, seed: 3, longest: 70 });
    const { who, fleet } = await fleetOf(store(), "horizon", histories);
    await trainFleet(deps, who, fleet, run(1));
    const type = await store().assetTypes.update(who, fleet.type.id, { horizonSteps: 30 });
    await trainFleet(deps, who, { ...fleet, type }, run(2));
    const champion = await championOf(deps.models, who, type.id);
    expect(champion?.row).toMatchObject({ number: 2, reason: expect.stringContaining("horizon") });
  });
});

test.each<[Verdict["reason"], Partial<Verdict>, string]>([
  ["first model", {}, "first"],
  ["other target", {}, "planning horizon"],
  ["nothing new", { failures: 2 }, "only 2 failures"],
  [
    "better",
    { failures: 4, championRmseSteps: 9, candidateRmseSteps: 7 },
    "7.00 steps against 9.00",
  ],
  ["not better", { failures: 4, championRmseSteps: 7, candidateRmseSteps: 9 }, "not better on 4"],
])("a verdict of %s is said in words", (reason, facts, part) => {
  expect(verdictText({ ...NONE, promote: true, reason, ...facts })).toContain(part);
});
