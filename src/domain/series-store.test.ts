import { expect, test } from "bun:test";
import { feedingSpans } from "./series-store.ts";

const of = (seriesNo: number, mappedFromUs: number) => ({ seriesNo, mappedFromUs });
const END = Number.POSITIVE_INFINITY;

test.each([
  ["none", [], []],
  ["one", [of(3, 5)], [{ seriesNo: 3, fromUs: 5, untilUs: END }]],
  [
    "each until the next start, whatever their numbers",
    [of(1, 90), of(2, 10), of(3, 50)],
    [
      { seriesNo: 2, fromUs: 10, untilUs: 50 },
      { seriesNo: 3, fromUs: 50, untilUs: 90 },
      { seriesNo: 1, fromUs: 90, untilUs: END },
    ],
  ],
  [
    "of the same start the one that came last",
    [of(8, 10), of(7, 10)],
    [
      { seriesNo: 7, fromUs: 10, untilUs: 10 },
      { seriesNo: 8, fromUs: 10, untilUs: END },
    ],
  ],
])("spans of series: %s", (_name, parts, spans) => {
  expect(feedingSpans(parts)).toEqual(spans);
});
