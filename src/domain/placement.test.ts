import { expect, test } from "bun:test";
import { systemActor } from "./actor.ts";
import { adoptionsOf, checkPattern, PLACEMENTS_MAX, place, placementsOf } from "./placement.ts";
import type { Tags } from "./series.ts";
import type { SeriesRow } from "./series-store.ts";

const series = (tags: Tags, field = "value") => ({
  ...{ measurement: "vib", tags, field, deviceKey: tags[0]?.[1] ?? "vib" },
});

test("tags, measurement and field are put into both texts", () => {
  const one = series(
    [
      ["line", "4"],
      ["pos", "de"],
    ],
    "rms",
  );
  expect(place({ asset: "L-{line}", sensor: "{measurement} {field} {pos}" }, one)).toEqual({
    assetKey: "L-4",
    sensorName: "vib rms de",
  });
});

test("asset and sensor are the device's words; a tag of that name goes first", () => {
  const plain = series([
    ["host", "P-1"],
    ["sensor", "temp"],
  ]);
  expect(place({ asset: "{asset}", sensor: "{sensor}" }, plain)).toEqual({
    assetKey: "P-1",
    sensorName: "temp",
  });
  const field = series([["field", "north"]], "rms");
  expect(place({ asset: "x", sensor: "{field}" }, field)).toMatchObject({ sensorName: "north" });
});

test("a series without the tag is not placed, and it is said what is missing", () => {
  const placement = place({ asset: "{line} {cell}", sensor: "{cell}" }, series([["line", "4"]]));
  expect(placement).toEqual({ missing: ["cell"] });
  expect(adoptionsOf([{ seriesNo: 1, placement }])).toEqual([]);
});

test("a tag's braces are not read again", () => {
  const odd = series([
    ["line", "{pos}"],
    ["pos", "de"],
  ]);
  expect(place({ asset: "{line}", sensor: "s" }, odd)).toMatchObject({ assetKey: "{pos}" });
});

test.each([
  ["", "s", "is empty"],
  ["a", "  ", "is empty"],
  ["{line", "s", "without its other"],
  ["{}", "s", "without its other"],
  ["a", "x".repeat(201), "over 200"],
])("the patterns %p and %p are refused", (asset, sensor, why) => {
  expect(() => checkPattern({ asset, sensor })).toThrow(why);
});

test("everything that waits is looked at page by page, up to the bound", async () => {
  const all = PLACEMENTS_MAX + 500;
  const list = async (_who: unknown, filter: { limit?: number; after?: string | undefined }) => {
    const from = Number(filter.after ?? 0);
    const to = Math.min(all, from + (filter.limit ?? 0));
    const items = Array.from({ length: to - from }, (_, i) => rowOf(from + i + 1));
    return { items, next: to < all ? String(to) : undefined };
  };
  const pattern = { asset: "{line}", sensor: "{sensor}" };
  const found = await placementsOf({ list }, systemActor("t", "test"), pattern, undefined);
  expect(found.isWhole).toBe(false);
  expect(found.items.length).toBe(PLACEMENTS_MAX);
  expect(adoptionsOf(found.items).at(-1)).toEqual({
    ...{ seriesNo: PLACEMENTS_MAX, assetKey: "4", sensorName: "value (line=4)" },
  });
});

function rowOf(seriesNo: number): SeriesRow {
  return {
    ...series([["line", "4"]]),
    ...{ seriesNo, kind: "numeric", firstAtUs: 0, sourceId: "s", assetKey: undefined, version: 1 },
    ...{ sensorName: "value", status: "inbox", sensorId: undefined, mappedFromUs: undefined },
  };
}
