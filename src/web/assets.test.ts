import { expect, test } from "bun:test";
import { moneyFacts, timelineOf } from "./asset-history.ts";

import { branchOf, filterMachines, pathOf, treeOf } from "./asset-rows.ts";
import { healthBefore, healthUnknown, noteOf } from "./asset-words.ts";
import { readCosts } from "./assets.tsx";
import type { Plant } from "./plant.ts";
import {
  alertOf,
  assetOf,
  machineOf,
  NOW_US,
  orderOf,
  pumpType,
  sensorOf,
  words,
} from "./test-plant.ts";

const DAY_US = 86_400_000_000;
const MINUTE_US = 60_000_000;
const site = assetOf({ id: "site", key: "SITE", name: "Site", typeId: undefined });
const hall = assetOf({
  id: "hall",
  key: "HALL",
  name: "Hall",
  typeId: undefined,
  parentId: "site",
});
const pump = assetOf({ id: "pump", parentId: "hall", criticality: "A" });
const fan = assetOf({ id: "fan", key: "F-2", name: "Fan", parentId: "site", typeId: undefined });
const machines = [
  machineOf({ asset: pump, state: "critical" }),
  machineOf({ asset: fan, type: undefined }),
];
const plant: Plant = {
  machines,
  assets: new Map([site, hall, pump, fan].map((one) => [one.id, one])),
  sensors: new Map(),
  types: new Map([[pumpType.id, pumpType]]),
  mapped: [],
  byId: new Map(machines.map((one) => [one.asset.id, one])),
  silentAfterUs: () => 900_000_000,
};
const all = { q: "", state: "", type: "", criticality: "", branch: "" } as const;

test.each([
  [{}, ["F-2", "P-101"]],
  [{ branch: "hall" }, ["P-101"]],
  [{ branch: "gone" }, []],
  [{ state: "critical" }, ["P-101"]],
  [{ criticality: "A" }, ["P-101"]],
  [{ type: pumpType.id }, ["P-101"]],
  [{ q: "feed PUMP" }, ["P-101"]],
  [{ q: "nothing like it" }, []],
] as const)("filter %j finds %j", (filter, tags) => {
  expect(filterMachines(plant, { ...all, ...filter }).map(({ ref }) => ref.tag)).toEqual([...tags]);
});

test("the tree counts machines below a place and carries the worst of their states up", () => {
  const [root] = treeOf(plant, "hall");
  expect(root).toMatchObject({ id: "site", count: 2, worst: { state: "critical" }, chosen: false });
  expect(root?.children).toMatchObject([{ id: "hall", count: 1, chosen: true, children: [] }]);
});

test("parents that go round in a circle end", () => {
  const a = assetOf({ id: "a", parentId: "b" });
  const b = assetOf({ id: "b", parentId: "a" });
  const assets = new Map([a, b].map((one) => [one.id, one]));
  expect([...branchOf(assets, "a")].sort()).toEqual(["a", "b"]);
  expect(pathOf(assets, "a")).toHaveLength(2);
});

test("costs left empty are not known; what is no amount is said under its field", () => {
  const form = {
    failure_cost: "18400",
    repair_cost: "",
    downtime_cost_per_hour: " ",
    criticality: "A",
    mode: "stopped",
  };
  expect(readCosts(form)).toEqual({
    patch: {
      failureCost: 18_400,
      repairCost: undefined,
      downtimeCostPerHour: undefined,
      criticality: "A",
      mode: "stopped",
    },
  });
  const read = readCosts({ ...form, failure_cost: "-3", criticality: "Z", mode: "" });
  expect(Object.keys("errors" in read ? read.errors : {}).sort()).toEqual([
    "criticality",
    "failure_cost",
    "mode",
  ]);
});

test.each([
  ["all as usual", {}, undefined],
  ["silent", { state: "blind", newestUs: NOW_US - 48 * MINUTE_US }, "No data for 48 min."],
  ["never read", { state: "blind", newestUs: undefined }, "Nothing was read"],
  ["in maintenance", { asset: assetOf({ mode: "maintenance" }) }, "In maintenance."],
  ["stopped", { asset: assetOf({ mode: "stopped" }), state: "stopped" }, "Stopped:"],
] as const)("note of an asset that is %s", (_name, over, text) => {
  const note = noteOf(words, machineOf(over), 0);
  if (text === undefined) expect(note).toBeUndefined();
  else expect(note?.text.replaceAll("\u202f", " ")).toStartWith(text);
});

test.each([
  ["has no sensors", { sensors: [] }, "It has no sensors"],
  ["was never read", { newestUs: undefined }, "Nothing was read"],
  ["is silent", { newestUs: NOW_US - 3_600_000_000 }, "No data for 1 h."],
  ["is new", {}, "It has not been scored yet. The next scoring is in 1 h."],
] as const)("health is not known when an asset %s", (_name, over, text) => {
  const said = healthUnknown(words, machineOf(over), NOW_US + 3_600_000_000);
  expect(said.replaceAll("\u202f", " ")).toStartWith(text);
});

test("health before is that of about a day ago, or nothing", () => {
  const score = (atUs: number, value: number) => ({
    assetId: "asset-1",
    atUs,
    score: value,
    parts: [],
  });
  expect(healthBefore(words, [])).toBe("");
  expect(healthBefore(words, [score(NOW_US, 34)])).toBe("");
  const history = [score(NOW_US - 2 * DAY_US, 50), score(NOW_US - DAY_US, 41), score(NOW_US, 34)];
  expect(healthBefore(words, history)).toBe("Tue 24 it was 41");
});

test("what happened is newest first; a failure stands where it was found", () => {
  const failed = orderOf({
    status: "done",
    completedAtUs: NOW_US - DAY_US,
    closeOut: {
      finding: "failure",
      failureModeId: "mode",
      foundAtUs: NOW_US - 3 * DAY_US,
      hours: undefined,
      cost: undefined,
      notes: "",
    },
  });
  const entries = timelineOf(
    words,
    { sensors: new Map([["sensor-vibration", sensorOf("vibration")]]) },
    {
      alerts: [alertOf(), alertOf({ severity: "info" })],
      work: [failed],
      modeNames: new Map([["mode", "bearing wear"]]),
    },
  );
  expect(entries.map(({ detail }) => detail.replaceAll("\u202f", " "))).toEqual([
    "7.4 mm/s, limit 7.1, still open",
    "closed: bearing wear",
  ]);
  expect(entries[1]?.foundLater).toBe(true);
});

test("money that nobody wrote down is not known", () => {
  const facts = moneyFacts(words, assetOf(), { work: [], labels: [], modeNames: new Map() });
  expect(facts.map(({ value }) => value)).toEqual([
    "none is planned",
    "not known",
    "not known",
    "not known",
    "none is recorded",
  ]);
});
