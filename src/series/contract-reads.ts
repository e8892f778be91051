import { expect, test } from "bun:test";
import type { AppError } from "../domain/error.ts";
import type { ReadingStoreEngine } from "../domain/reading-store.ts";
import { at, reading, SECOND_US, type Use } from "./contract-case.ts";
import { batchOf, entryOf, FIVE_MINUTES_US } from "./testing.ts";

/** What reads answer. */
export function describeReads(use: Use): void {
  /** An hour at 1 Hz with one spike each way; 5-minute buckets closed up to 50 minutes. */
  const wave = Array.from({ length: 3600 }, (_, second) => {
    const value = second === 1234 ? 100 : second === 2345 ? -100 : second % 10;
    return reading(second, value);
  });
  const buckets = Array.from({ length: 10 }, (_, index) => ({
    series: 1,
    startUs: at(index * 300),
    values: wave.slice(index * 300, index * 300 + 300).map((r) => [r.atUs, r.value] as const),
  }));
  const start = { sequence: 1, newSeries: [entryOf(1)], fresh: wave, buckets };

  test.each([
    // tier asked, points, tier given, reduced, points at most
    ["raw", 20_000, "raw", false, 3600],
    ["raw", 100, "raw", true, 100],
    ["5m", 100, "5m", false, 12],
    ["5m", 5, "5m", true, 5],
    ["1h", 100, "1h", false, 1],
    ["auto", 5000, "raw", false, 3600],
    ["auto", 12, "5m", false, 12],
    ["auto", 2, "5m", true, 2],
  ] as const)(
    "range %s with %i points gives %s, reduced %p, and keeps the peaks",
    async (tier, maxPoints, given, reduced, most) => {
      const { store, send } = use();
      await send(start);
      const request = { seriesNos: [1], fromUs: at(0), toUs: at(3600), tier, maxPoints };
      const [points] = await store.range(request);
      expect({ tier: points?.tier, reduced: points?.reduced }).toEqual({ tier: given, reduced });
      expect(points?.atUs.length).toBeLessThanOrEqual(most);
      expect([Math.min(...(points?.min ?? [])), Math.max(...(points?.max ?? []))]).toEqual([
        -100, 100,
      ]);
      const total = points?.n.reduce((sum, n) => sum + n, 0);
      expect(total).toBe(given === "raw" ? points?.atUs.length : 3600);
      expect([...(points?.atUs ?? [])]).toEqual([...(points?.atUs ?? [])].sort((a, b) => a - b));
    },
  );

  test("auto takes readings where the span is long but nothing coarser is there", async () => {
    const { store, send } = use();
    await send({ sequence: 1, newSeries: [entryOf(1)], fresh: [reading(1, 5)] });
    const span = { fromUs: at(-86_400 * 300), toUs: at(2) };
    const [points] = await store.range({
      seriesNos: [1, 2],
      ...span,
      tier: "auto",
      maxPoints: 500,
    });
    expect(points?.n.length).toBe(1);
  });

  test("a range leaves out its end, and a series without readings is empty", async () => {
    const { store, send } = use();
    await send(start);
    const points = await store.range({
      seriesNos: [9, 1],
      fromUs: at(10),
      toUs: at(12),
      tier: "raw",
      maxPoints: 10,
    });
    expect(points.map(({ seriesNo, atUs }) => [seriesNo, ...atUs])).toEqual([
      [9],
      [1, at(10), at(11)],
    ]);
  });

  test.each([
    ["whole buckets", 600, [300, 600, 600]],
    ["whole buckets, the last cut off", 2100, [1500]],
    ["shorter than a bucket", 7, undefined],
    ["no multiple of a bucket", 400, undefined],
  ])("gridded over steps of %s equals the means of the readings", async (_name, stepS, counts) => {
    const { store, send } = use();
    await send(start);
    const [fromUs, toUs, stepUs] = [at(-300), at(1500), stepS * SECOND_US];
    const [, grid, none] = [
      0,
      ...(await store.gridded({ seriesNos: [1, 5], fromUs, toUs, stepUs })),
    ];
    const steps = Math.ceil((toUs - fromUs) / stepUs);
    const expected = Array.from({ length: steps }, (_, step) => {
      const [low, high] = [fromUs + step * stepUs, Math.min(toUs, fromUs + (step + 1) * stepUs)];
      const values = wave.filter((r) => r.atUs >= low && r.atUs < high).map((r) => r.value);
      return [values.reduce((sum, value) => sum + value, 0) / values.length, values.length];
    });
    expect(Array.from(grid?.mean ?? [], (mean, step) => [mean, grid?.count[step]])).toEqual(
      expected,
    );
    if (counts) expect(Array.from(grid?.count ?? []).slice(0, counts.length)).toEqual(counts);
    expect(none?.mean.every(Number.isNaN)).toBe(true);
  });

  test("gridded takes the open bucket's readings too, once", async () => {
    const { store, send } = use();
    await send(start);
    const [grid] = await store.gridded({
      seriesNos: [1],
      fromUs: at(0),
      toUs: at(3600),
      stepUs: 3 * FIVE_MINUTES_US,
    });
    expect(Array.from(grid?.count ?? [])).toEqual([900, 900, 900, 900]);
  });

  test("rows come in order of series and time, page by page, with what a double does not hold", async () => {
    const { store, send } = use();
    const late = [reading(4, 7)];
    const states = [
      { series: 2, atUs: at(1), value: Number.NaN, text: "running" },
      { series: 2, atUs: at(3), value: 2 ** 53, text: "9007199254740993" },
    ];
    const fresh = [reading(2, 1), reading(5, 3), ...states];
    await send(
      { sequence: 1, newSeries: [entryOf(1), entryOf(2, 1, "state")], fresh },
      { sequence: 2, late },
    );
    const request = { seriesNos: [2, 1], fromUs: at(0), toUs: at(6), of: "all", limit: 3 } as const;
    const first = await store.rows(request);
    const second = await store.rows({ ...request, after: { seriesNo: 1, atUs: at(5) } });
    const listed = ({ count, series, atUs, value }: typeof first) =>
      Array.from({ length: count }, (_, i) => [series[i], atUs[i], value[i]]);
    expect([listed(first), first.texts, first.more]).toEqual([
      [
        [1, at(2), 1],
        [1, at(4), 7],
        [1, at(5), 3],
      ],
      [],
      true,
    ]);
    expect([listed(second), second.more]).toEqual([
      [
        [2, at(1), Number.NaN],
        [2, at(3), 2 ** 53],
      ],
      false,
    ]);
    expect(second.texts).toEqual(states.map(({ series, atUs, text }) => ({ series, atUs, text })));
    const numbers = await store.rows({ ...request, of: "numbers", limit: 100 });
    expect([numbers.count, numbers.texts, numbers.more]).toEqual([4, [], false]);
  });

  test.each([
    // firstUs, step, within, seconds of the readings that remain
    ["steps longer than they look back", 10, 60, 20, [10, 70, 129]],
    ["steps that look back beyond the one before", 10, 60, 300, [10, 70, 129]],
    ["steps that end between readings", 10.5, 60, 300, [10, 70, 129]],
  ] as const)("rows: the last of %s", async (_name, firstS, stepS, withinS, seconds) => {
    const { store, send } = use();
    await send({ sequence: 1, newSeries: [entryOf(1)], fresh: wave.slice(5, 130) });
    const rows = await store.rows({
      ...{ seriesNos: [1], fromUs: at(0), toUs: at(200), of: "numbers", limit: 100 },
      lastOfSteps: {
        ...{ firstUs: at(firstS), stepUs: stepS * SECOND_US, withinUs: withinS * SECOND_US },
      },
    });
    expect([...rows.atUs]).toEqual(seconds.map(at));
  });

  test("latest, dictionary and counts by tenant", async () => {
    const { store, send } = use();
    await send(start, {
      sequence: 2,
      newSeries: [entryOf(2, 3)],
      fresh: [{ series: 2, atUs: at(5), value: 6 }],
    });
    expect(await store.latest({ seriesNos: [2, 1, 8] })).toEqual([
      { seriesNo: 1, atUs: at(3599), value: 9, text: undefined },
      { seriesNo: 2, atUs: at(5), value: 6, text: undefined },
    ]);
    expect(await store.seriesInfo({ tenantNo: 3 })).toEqual([{ ...entryOf(2, 3), zone: "UTC" }]);
    const all = await store.seriesInfo({ limit: 1, afterSeriesNo: 1 });
    expect(all.map((info) => info.seriesNo)).toEqual([2]);
    const first = { readings: 3600, series: 1, buckets5m: 10, buckets1h: 1, buckets1d: 1 };
    const second = { readings: 1, series: 1, buckets5m: 0, buckets1h: 0, buckets1d: 0 };
    expect(await store.counts()).toEqual({
      ...{ readings: 3601, series: 2, buckets5m: 10, buckets1h: 1, buckets1d: 1 },
      sequence: 2,
      byTenantNo: { 1: first, 3: second },
    });
  });

  test("a read that names a sequence waits for no timer, and fails when it does not come", async () => {
    const { store, harness } = use();
    const applied = store.apply(
      batchOf({ sequence: 3, newSeries: [entryOf(1)], fresh: [reading(1, 1)] }),
    );
    expect((await store.counts({ atLeastSequence: 3 })).readings).toBe(1);
    expect(await applied).toBe(3);
    const later = store.latest({ seriesNos: [1], atLeastSequence: 4 });
    harness.clock.advanceMs(60_000);
    await expect(later).rejects.toMatchObject({ code: "unavailable" });
  });
}

/** Reads that no engine answers. */
export function describeRefusals(use: Use): void {
  const span = { fromUs: at(0), toUs: at(10) };
  const range = { ...span, seriesNos: [1], tier: "raw", maxPoints: 10 } as const;
  type Read = (store: ReadingStoreEngine) => Promise<unknown>;
  test.each<[string, Read]>([
    ["too many series", (s) => s.range({ ...range, seriesNos: Array(6000).fill(1) })],
    ["a series that is no number", (s) => s.latest({ seriesNos: [Number.NaN] })],
    ["a span the wrong way round", (s) => s.range({ ...range, fromUs: at(11) })],
    ["a time with a fraction", (s) => s.states({ ...span, seriesNos: [1], fromUs: 0.5 })],
    ["one point", (s) => s.range({ ...range, maxPoints: 1 })],
    ["too many points", (s) => s.range({ ...range, maxPoints: 1e6 })],
    ["a step of nothing", (s) => s.gridded({ ...span, seriesNos: [1], stepUs: 0 })],
    ["too many cells", (s) => s.gridded({ fromUs: 0, toUs: at(0), seriesNos: [1], stepUs: 1 })],
    ["rows without end", (s) => s.rows({ ...span, seriesNos: [1], of: "all", limit: 1e9 })],
    ["too many rows", (s) => s.seriesInfo({ limit: 1e6 })],
    [
      "text in place of a number",
      (s) => s.seriesInfo(JSON.parse('{"tenantNo":"1; drop table x"}')),
    ],
  ])("refused as invalid: %s", async (_name, run) => {
    const error = await run(use().store).then(
      () => undefined,
      (reason: AppError) => reason,
    );
    expect(error?.code).toBe("invalid");
  });
}
