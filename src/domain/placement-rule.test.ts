import { expect, test } from "bun:test";
import { placedBy } from "./placement-rule.ts";

const series = {
  ...{ measurement: "press", field: "bar", deviceKey: "press line=4" },
  tags: [
    ["line", "4"],
    ["pos", "de"],
  ] as const,
};
const rule = (asset: string, sensor: string, query?: string) => ({ asset, sensor, query });
const LINE = { assetKey: "Line 4", sensorName: "bar de" };

test.each([
  ["no rule", [], undefined],
  ["one that fits", [rule("Line {line}", "{field} {pos}")], LINE],
  ["one that names what the series lacks", [rule("Cell {cell}", "{field}")], undefined],
  [
    "the oldest that fits",
    [rule("{cell}", "x"), rule("Line {line}", "{field} {pos}"), rule("A", "b")],
    LINE,
  ],
  ["a text that its device holds", [rule("Line {line}", "{field} {pos}", "PRESS")], LINE],
  ["a text that its sensor holds", [rule("Line {line}", "{field} {pos}", "bar (")], LINE],
  ["a text that neither holds", [rule("Line {line}", "{field} {pos}", "oil")], undefined],
] as const)("placed by rules: %s", (_name, rules, place) => {
  expect(placedBy(rules, series)).toEqual(place);
});
