import { expect, test } from "bun:test";
import { lineLabelOf } from "./chart.ts";
import { gapsOf, numbersOf, ruleWords, signalFacts, tableOf } from "./sensor-facts.ts";
import { rulesOn, weekBefore } from "./sensors.tsx";
import { NOW_US, sensorOf, words } from "./test-plant.ts";

const MINUTE_US = 60_000_000;
const none = { tier: "raw", atUs: [], mean: [], min: [], max: [], n: [] } as const;
const start = NOW_US - 100 * MINUTE_US;
const at = [0, 1, 2, 3, 40, 41].map((minute) => start + minute * MINUTE_US);
const points = {
  tier: "5m",
  atUs: at,
  mean: [1, 2, Number.NaN, 4, 5, 6],
  min: [0, 1, Number.NaN, 3, 4, 5],
  max: [2, 3, Number.NaN, 5, 6, 7.5],
  n: [1, 1, 0, 1, 1, 6],
} as const;
const sensor = sensorOf("vibration", { limits: { highWarning: 4.5 } });
const plain = (facts: readonly { label: string; value: unknown }[]) =>
  Object.fromEntries(
    facts.map(({ label, value }) => [label, String(value).replaceAll("\u202f", " ")]),
  );

test("without readings every number is not known, and there are none", () => {
  expect(plain(numbersOf(words, sensor, none))).toEqual({
    Highest: "not known",
    Lowest: "not known",
    Mean: "not known",
    "Time over 4.5": "not known",
    Readings: "none",
  });
  expect(tableOf(words, sensor, none)).toEqual([]);
});

test("numbers weigh points by the readings they stand for and pass over holes", () => {
  expect(plain(numbersOf(words, sensor, points))).toEqual({
    Highest: "7.5 mm/s, 11:01",
    Lowest: "0.0 mm/s, 10:20",
    Mean: "4.8 mm/s",
    "Time over 4.5": "40 %",
    Readings: "10",
  });
});

test("a hole much longer than the usual distance is a gap", () => {
  expect(gapsOf(points)).toEqual({ usualUs: MINUTE_US, gapsUs: [37 * MINUTE_US] });
  expect(gapsOf(none)).toEqual({ usualUs: undefined, gapsUs: [] });
});

test("facts of a sensor that nothing feeds say so", () => {
  const facts = plain(
    signalFacts(words, sensorOf("vibration"), { series: [], gaps: gapsOf(none), line: "measured" }),
  );
  expect(facts).toMatchObject({
    "Fed by": "no series yet",
    "History since": "not known",
    "Gaps in this time": "not known",
    Limits: "none are set",
  });
});

test("the table is newest first, and a hole is not known", () => {
  const rows = tableOf(words, sensor, points);
  expect(rows).toHaveLength(6);
  expect(rows[0]?.value.replaceAll("\u202f", " ")).toBe("6.0 mm/s");
  expect(rows[3]?.value).toBe("not known");
});

test("the week before lies seven days later, with its holes", () => {
  const line = weekBefore(points);
  expect(line.atUs[0]).toBe(start + 7 * 86_400_000_000);
  expect(line.values[2]).toBeNull();
});

test("rules on a sensor are its own and those of its name on its type or any", () => {
  const terms = {
    name: "",
    severity: "warning",
    op: "above",
    threshold: 4.5,
    clear: 4.2,
    holdMs: 600_000,
    enabled: false,
    version: 1,
    sequence: 1,
    updatedAtUs: 0,
  } as const;
  const scopes = [
    { kind: "sensor", sensorId: sensor.id },
    { kind: "sensor", sensorId: "other" },
    { kind: "type", assetTypeId: "t", sensorName: "vibration" },
    { kind: "type", assetTypeId: "u", sensorName: "vibration" },
    { kind: "type", assetTypeId: undefined, sensorName: "vibration" },
    { kind: "type", assetTypeId: undefined, sensorName: "flow" },
  ] as const;
  const rules = scopes.map((scope, i) => ({ ...terms, scope, id: String(i) }));
  expect(rulesOn(rules, sensor, "t").map(({ id }) => id)).toEqual(["0", "2", "4"]);
  const [rule] = rules;
  if (rule === undefined) throw new Error("there is a rule");
  expect(ruleWords(words, sensor, rule).replaceAll("\u202f", " ")).toBe(
    "Warning when above 4.5 mm/s for 10 min (off)",
  );
});

test.each([
  ["raw", 1, "measured"],
  ["5m", 5, "mean of 5 min"],
  ["5m", 20, "mean of 20 min"],
  ["1h", 60, "hourly mean"],
  ["1h", 900, "mean of 15 h"],
  ["1d", 1440, "daily mean"],
] as const)("a line of %s points %d min apart is %s", (tier, minutes, text) => {
  const atUs = [0, 1, 2].map((i) => start + i * minutes * MINUTE_US);
  expect(lineLabelOf({ ...points, tier, atUs }).replaceAll("\u202f", " ")).toBe(text);
});
