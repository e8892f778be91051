import { expect, test } from "bun:test";
import { at, DAY0_US, readAll, reading, rowsOf, type Use } from "./contract-case.ts";
import { entryOf, HOUR_US } from "./testing.ts";

/** Buckets of 5 minutes, hours and days, and what late readings do to them. */
export function describeBuckets(use: Use): void {
  const bucket = (
    seconds: number,
    values: readonly (readonly [number, number])[],
    dirty = false,
  ) => ({
    series: 1,
    startUs: at(seconds),
    values: values.map(([second, value]) => [at(second), value] as const),
    dirty,
  });
  const fresh = [reading(10, 1), reading(20, 3), reading(310, 5), reading(910, 7)];
  const closed = [
    bucket(0, [
      [10, 1],
      [20, 3],
    ]),
    bucket(300, [[310, 5]]),
  ];
  const start = { sequence: 1, newSeries: [entryOf(1)], fresh, buckets: closed };

  test.each([
    // name, later batches, [start, n, mean, min, max] of all buckets, closed ones
    [
      "as the fold closed them",
      [],
      [
        [0, 2, 2, 1, 3],
        [300, 1, 5, 5, 5],
        [900, 1, 7, 7, 7],
      ],
      2,
    ],
    [
      "a late reading changes its closed bucket",
      [{ sequence: 2, late: [reading(30, 8)] }],
      [
        [0, 3, 4, 1, 8],
        [300, 1, 5, 5, 5],
        [900, 1, 7, 7, 7],
      ],
      2,
    ],
    [
      "a duplicate does not",
      [{ sequence: 2, late: [reading(20, 3)] }],
      [
        [0, 2, 2, 1, 3],
        [300, 1, 5, 5, 5],
        [900, 1, 7, 7, 7],
      ],
      2,
    ],
    [
      "an overwrite does",
      [{ sequence: 2, late: [reading(20, 5)] }],
      [
        [0, 2, 3, 1, 5],
        [300, 1, 5, 5, 5],
        [900, 1, 7, 7, 7],
      ],
      2,
    ],
    [
      "a late reading makes a bucket in a gap that was passed",
      [
        { sequence: 2, late: [reading(650, 9)] },
        { sequence: 3, fresh: [reading(1210, 2)], buckets: [bucket(900, [[910, 7]])] },
      ],
      [
        [0, 2, 2, 1, 3],
        [300, 1, 5, 5, 5],
        [600, 1, 9, 9, 9],
        [900, 1, 7, 7, 7],
        [1200, 1, 2, 2, 2],
      ],
      4,
    ],
    [
      "a dirty bucket is made from its readings",
      [
        { sequence: 2, fresh: [reading(920, 1)] },
        { sequence: 3, buckets: [bucket(900, [[910, 7]], true)] },
      ],
      [
        [0, 2, 2, 1, 3],
        [300, 1, 5, 5, 5],
        [900, 2, 4, 1, 7],
      ],
      3,
    ],
    [
      "a bucket that comes again is made from its readings",
      [{ sequence: 2, buckets: [bucket(0, [[10, 1]])] }],
      [
        [0, 2, 2, 1, 3],
        [300, 1, 5, 5, 5],
        [900, 1, 7, 7, 7],
      ],
      2,
    ],
  ] as const)("buckets: %s", async (_name, later, expected, closedCount) => {
    const { store, send } = use();
    await send(start, ...later);
    const [points] = await readAll(store, "5m", [1]);
    expect(rowsOf(points)).toEqual(expected.map(([start, ...rest]) => [at(start), ...rest]));
    const [hour] = await readAll(store, "1h", [1]);
    const n = expected.reduce((sum, [, count]) => sum + count, 0);
    expect({
      hours: hour?.atUs.length,
      n: hour?.n[0],
      closed: (await store.counts()).buckets5m,
    }).toEqual({ hours: 1, n, closed: closedCount });
  });

  test.each([
    ["a day of 23 hours", Date.UTC(2026, 2, 28, 12) * 1000, [24, 23, 24]],
    ["a day of 25 hours", Date.UTC(2026, 9, 24, 12) * 1000, [24, 25, 24]],
  ])("days are the site's: %s in Madrid", async (_name, noonUs, hours) => {
    const { store, send } = use();
    const perHour = Array.from({ length: 97 }, (_, hour) => {
      const startUs = noonUs - 24 * HOUR_US + hour * HOUR_US;
      return { series: 1, startUs, values: [[startUs + 1, hour]] as const };
    });
    await send({
      sequence: 1,
      newSeries: [entryOf(1)],
      zones: [{ zone: "Europe/Madrid", seriesNos: [1] }],
      fresh: perHour.map(({ startUs, values }) => ({
        series: 1,
        atUs: startUs + 1,
        value: values[0][1],
      })),
      buckets: perHour,
    });
    const [points] = await readAll(store, "1d", [1], 400 * 24 * HOUR_US);
    expect(Array.from(points?.n ?? []).slice(1, 4)).toEqual(hours);
  });

  test("a new zone makes all days of its series again, and of no other", async () => {
    const { store, send, reopen } = use();
    const startUs = at(23.5 * 3600);
    const of = (series: number) => ({ series, startUs, values: [[startUs + 1, 1]] as const });
    await send({
      sequence: 1,
      newSeries: [entryOf(1), entryOf(2)],
      fresh: [1, 2].map((series) => ({ series, atUs: startUs + 1, value: 1 })),
      buckets: [of(1), of(2)],
    });
    await send({ sequence: 2, zones: [{ zone: "Europe/Madrid", seriesNos: [2] }] });
    await reopen();
    const days = await readAll(use().store, "1d", [1, 2]);
    expect(days.map((points) => points.atUs[0])).toEqual([DAY0_US, DAY0_US + 23 * HOUR_US]);
    expect((await use().store.seriesInfo({ seriesNos: [2] }))[0]?.zone).toBe("Europe/Madrid");
    expect((await use().store.counts()).buckets1d).toBe(2);
    expect(store).not.toBe(use().store);
  });
}
