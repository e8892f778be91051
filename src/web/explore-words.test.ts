import { expect, test } from "bun:test";
import type { SensorPoints } from "./chart.ts";
import { chartOfGroup, extremes, numbersRow, stripView, tableOfLines } from "./explore-words.ts";
import { NOW_US, words } from "./test-plant.ts";

const MINUTE_US = 60_000_000;
const view = { fromUs: NOW_US - 100 * MINUTE_US, toUs: NOW_US };
const item = (token: string) => ({
  ...{ token, name: `P-101 ${token}`, asset: "P-101", unit: "bar", decimals: 1 },
  ...{ kind: "numeric" as const, href: undefined, mapped: [] },
});
const plain = (text: string) => text.replaceAll("\u202f", " ");

function points(over: Partial<SensorPoints> = {}): SensorPoints {
  const atUs = Array.from({ length: 100 }, (_, i) => view.fromUs + i * MINUTE_US);
  const mean = atUs.map((_, i) => i / 10);
  const n = atUs.map(() => 1);
  return { tier: "raw", reduced: false, atUs, mean, min: mean, max: mean, n, ...over };
}

test("a line without readings is said to have none, and lies whole in a gap", () => {
  const { chart, key } = chartOfGroup(
    words,
    view,
    { unit: "bar", items: [item("a")], no: 0 },
    new Map(),
    (token) => `/without/${token}`,
  );
  expect(chart.summary).toBe("P-101 a: no readings in this time.");
  expect(chart.gaps).toEqual([{ ...view, label: "no data 1\u202fh 40\u202fmin" }]);
  expect(key).toMatchObject([{ name: "P-101 a", dropHref: "/without/a", look: 1 }]);
  expect(extremes({ ...points(), n: points().n.map(() => 0) })).toBeUndefined();
});

test("readings that were thinned out tell their mean only when it was read", () => {
  const thin = points({ reduced: true });
  expect(numbersRow(words, view, item("a"), thin)).toMatchObject({
    ...{ mean: "not known", readings: "over 100", point: "lowest or highest of its time" },
  });
  const row = numbersRow(words, view, item("a"), thin, { mean: 4.2, n: 9_000 });
  expect([plain(row.mean), row.readings]).toEqual(["4.2 bar", "9,000"]);
  const whole = numbersRow(words, view, item("a"), points());
  expect([plain(whole.low), plain(whole.high), whole.gaps, whole.point]).toEqual([
    ...["0.0 bar", "9.9 bar", "none", "one reading"],
  ]);
});

test("the table has a column for each line, and says where one has nothing", () => {
  const table = tableOfLines(words, view, [item("a"), item("b")], new Map([["a", points()]]));
  expect(table.columns).toEqual(["P-101 a, bar", "P-101 b, bar"]);
  expect(table.rows).toHaveLength(48);
  expect(table.rows[0]?.cells).toEqual(["0.1 (0.0 to 0.2)", "no data"]);
});

test("a strip shades what held longest first and says how long", () => {
  const run = (from: number, to: number, text: string) => ({
    ...{ fromUs: view.fromUs + from * MINUTE_US, toUs: view.fromUs + to * MINUTE_US, text },
  });
  const runs = [run(0, 20, "idle"), run(20, 80, "run"), run(80, 90, "idle")];
  const state = { ...item("mode"), kind: "state" as const, no: 0 };
  const { strip, key } = stripView(words, view, state, { runs, cutAtUs: undefined });
  expect(plain(strip.summary)).toBe("run 60 %, idle 30 %");
  expect(strip.runs.map(({ shade }) => shade)).toEqual([1, 0, 1]);
  expect(key.note).toBeUndefined();
  const cut = stripView(words, view, state, { runs, cutAtUs: view.fromUs });
  expect(cut.key.note).toContain("too many readings");
  expect(stripView(words, view, state).key.note).toBe("nothing is known of this time");
});
