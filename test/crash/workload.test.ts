import { expect, test } from "bun:test";
import { expectedAlerts, expectedReadings, makeStreams } from "./workload.ts";

test("a workload holds what it is for: late, repeated and replaced lines, and alerts", () => {
  const streams = makeStreams(1, 4, 30);
  const sent = streams.flatMap((s) => s.batches.flat());
  const kept = [...expectedReadings(streams).values()].reduce((sum, m) => sum + m.size, 0);
  expect(sent.length).toBeGreaterThan(kept + 100);
  const alerts = expectedAlerts(streams);
  expect(alerts.length).toBeGreaterThan(4);
  expect(alerts.filter((a) => a.closedAtUs !== undefined).length).toBeGreaterThan(2);
});

test("the same seed gives the same workload, another seed another", () => {
  expect(makeStreams(7, 2, 5)).toEqual(makeStreams(7, 2, 5));
  expect(makeStreams(8, 2, 5)).not.toEqual(makeStreams(7, 2, 5));
});
