import { expect, test } from "bun:test";
import type { Source } from "../domain/source.ts";
import { type AccountedSource, withAccount } from "../domain/source-account.ts";
import { openingOf, partsOf, rateChart, silentSinceUs, sourceRow } from "./source-words.ts";
import { NOW_US, words } from "./test-plant.ts";

const MINUTE_US = 60_000_000;

function sourceOf(lastAgoUs: number, over: Partial<Source> = {}): AccountedSource {
  const source: Source = {
    ...{ id: "s1", no: 1, name: "GW-1", kind: "line-protocol", autoAdopt: false, version: 1 },
    createdAtUs: NOW_US - 100 * MINUTE_US,
    ledger: {
      ...{ received: 1000, fresh: 900, duplicates: 40, overwrites: 20, late: 30, rejected: 10 },
      ...{
        ignored: 0,
        quarantined: 4,
        replayed: 0,
        removed: 0,
        lastReceivedAtUs: NOW_US - lastAgoUs,
      },
    },
    ...over,
  };
  return withAccount(source, [{ sourceNo: 1, fresh: 20, duplicates: 5, overwrites: 2 }]);
}

test("the lines of the ledger add up to what was received", () => {
  const source = sourceOf(MINUTE_US);
  const counts = partsOf(source.account, words).map((part) => Number(part.count));
  expect(counts).toEqual([920, 45, 22, 3, 10, 0]);
  expect(counts.reduce((a, b) => a + b)).toBe(source.account.received);
});

test("a source is silent after a quarter of an hour; files are never", () => {
  expect(silentSinceUs(sourceOf(15 * MINUTE_US), NOW_US)).toBeUndefined();
  expect(silentSinceUs(sourceOf(16 * MINUTE_US), NOW_US)).toBe(NOW_US - 16 * MINUTE_US);
  expect(silentSinceUs(sourceOf(16 * MINUTE_US, { kind: "files" }), NOW_US)).toBeUndefined();
  expect(openingOf(sourceOf(16 * MINUTE_US), words)).toContain("Silent for 16");
  expect(openingOf(sourceOf(MINUTE_US), words)).toContain("10 readings were refused");
});

test("the row shows the newest rate, or that there is none yet", () => {
  const rates = { atUs: [NOW_US - MINUTE_US, NOW_US], perS: [4, 2.5] };
  expect(sourceRow(sourceOf(MINUTE_US), rates, words).rate).toBe("2.5");
  expect(sourceRow(sourceOf(MINUTE_US), { atUs: [], perS: [] }, words).rate).toBe("not known yet");
});

test("the chart of rates begins with the first sample", () => {
  const rates = { atUs: [NOW_US - MINUTE_US, NOW_US], perS: [4, 2.5] };
  expect(rateChart(rates, words)).toMatchObject({
    fromUs: NOW_US - MINUTE_US,
    summary: "Now 2.5 readings a second; at most 4.0.",
  });
  expect(rateChart({ atUs: [], perS: [] }, words)).toBeUndefined();
});
