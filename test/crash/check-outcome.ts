import { expect } from "bun:test";
import type { Bucket, Outcome } from "./run-workload.ts";
import { expectedAlerts, expectedReadings, type Stream } from "./workload.ts";

const BUCKET_US = 300_000_000;

/** Buckets of readings, computed plainly. */
function bucketsOf(readings: readonly (readonly [number, number])[]): Bucket[] {
  const buckets = new Map<number, Bucket>();
  for (const [at, value] of readings) {
    const atUs = Math.floor(at / BUCKET_US) * BUCKET_US;
    const old = buckets.get(atUs) ?? { atUs, n: 0, mean: 0, min: value, max: value };
    buckets.set(atUs, {
      atUs,
      n: old.n + 1,
      mean: (old.mean * old.n + value) / (old.n + 1),
      min: Math.min(old.min, value),
      max: Math.max(old.max, value),
    });
  }
  return [...buckets.values()].sort((a, b) => a.atUs - b.atUs);
}

/** Counts, times and extremes equal; sums to 1e-9 of their size. */
function sameBuckets(found: readonly Bucket[], expected: readonly Bucket[], where: string): void {
  const exact = (b: Bucket) => ({ atUs: b.atUs, n: b.n, min: b.min, max: b.max });
  expect(found.map(exact), where).toEqual(expected.map(exact));
  found.forEach((b, i) => {
    const sum = b.mean * b.n;
    const other = (expected[i]?.mean ?? Number.NaN) * b.n;
    expect(Math.abs(sum - other), `${where}, sum at ${b.atUs}`).toBeLessThanOrEqual(
      1e-9 * Math.max(1, Math.abs(other)),
    );
  });
}

/** Compares what is there with what was sent: no reading lost or doubled, buckets and alerts right. */
export function checkOutcome(streams: readonly Stream[], outcome: Outcome, where = ""): void {
  const expected = expectedReadings(streams);
  for (const [series, readings] of expected) {
    const sorted = [...readings].sort((a, b) => a[0] - b[0]);
    expect(outcome.readings.get(series), `${where} readings of ${series}`).toEqual(sorted);
    sameBuckets(
      outcome.buckets.get(series) ?? [],
      bucketsOf(sorted),
      `${where} buckets of ${series}`,
    );
  }
  expect(outcome.alerts, `${where} alerts`).toEqual(expectedAlerts(streams));
}

/** Compares two runs of the same streams row for row. */
export function sameOutcome(a: Outcome, b: Outcome): void {
  expect([...a.readings.keys()].sort()).toEqual([...b.readings.keys()].sort());
  for (const [series, readings] of a.readings) {
    expect(readings, series).toEqual(b.readings.get(series) ?? []);
    sameBuckets(a.buckets.get(series) ?? [], b.buckets.get(series) ?? [], series);
  }
  expect(a.alerts).toEqual(b.alerts);
}
