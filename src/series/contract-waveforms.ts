import { expect, test } from "bun:test";
import type { Waveform } from "../domain/waveform.ts";
import { at, reading, type Use } from "./contract-case.ts";
import { entryOf, waveformReading } from "./testing.ts";

const wave = (samples: readonly number[], sampleRateHz?: number, shape?: number[]): Waveform => ({
  samples: Float64Array.from(samples),
  shape: shape ?? [samples.length],
  sampleRateHz,
});

/** Waveforms are kept whole, once for each time of a series. */
export function describeWaveforms(use: Use): void {
  const snapshot = (seconds: number, waveform: Waveform) =>
    waveformReading(1, at(seconds), waveform);
  const newSeries = [entryOf(1, 1, "waveform"), entryOf(2, 1)];
  const list = (limit = 10, toUs = at(9)) =>
    use().store.waveforms({ seriesNo: 1, fromUs: at(0), toUs, limit });
  const long = wave(
    Array.from({ length: 100_000 }, (_, i) => Math.sin(i / 7) * 1e-3),
    25_600,
  );

  test("a waveform comes back bit for bit, also after a restart", async () => {
    const odd = wave([-0, Number.NaN, Number.POSITIVE_INFINITY, 5e-324, 0.1, 10], 48_000.5, [2, 3]);
    const readings = [snapshot(1, odd), snapshot(2, long), snapshot(3, wave([7]))];
    await use().send({ sequence: 1, newSeries, fresh: readings });
    await use().reopen();
    const { store } = use();
    const bits = (waveform: Waveform | undefined) => ({
      ...waveform,
      samples: waveform && Buffer.from(waveform.samples.buffer).toString("hex"),
    });
    for (const { atUs, waveform } of readings)
      expect(bits(await store.waveform({ seriesNo: 1, atUs }))).toEqual(bits(waveform));
    expect(await store.waveform({ seriesNo: 1, atUs: at(4) })).toBeUndefined();
    expect(await store.waveform({ seriesNo: 2, atUs: at(1) })).toBeUndefined();
  });

  test("the list is newest first, cut at its limit, without samples", async () => {
    const { send } = use();
    await send({
      sequence: 1,
      newSeries,
      fresh: [
        snapshot(1, wave([1, 2, 3, 4], 100, [2, 2])),
        snapshot(2, wave([1])),
        snapshot(3, long),
      ],
    });
    const info = (seconds: number, length: number, rate: number | undefined, shape = [length]) => ({
      ...{ seriesNo: 1, atUs: at(seconds), length, shape, sampleRateHz: rate },
    });
    expect(await list()).toEqual([
      info(3, 100_000, 25_600),
      info(2, 1, undefined),
      info(1, 4, 100, [2, 2]),
    ]);
    expect(await list(1, at(3))).toEqual([info(2, 1, undefined)]);
  });

  test("the same again changes nothing, another one replaces, the last of several stays", async () => {
    const { store, send } = use();
    const [first, second] = [wave([1, 2], 10), wave([3, 4], 10)];
    await send({ sequence: 1, newSeries, fresh: [snapshot(1, first), snapshot(2, first)] });
    await send({ sequence: 2, late: [snapshot(1, first)] });
    expect(await store.waveform({ seriesNo: 1, atUs: at(1) })).toEqual(first);
    await send(
      { sequence: 3, late: [snapshot(1, wave([9])), snapshot(1, second)] },
      { sequence: 4, late: [snapshot(2, wave([9])), snapshot(0, second)] },
      { sequence: 5, fresh: [snapshot(3, first)], late: [snapshot(2, second)] },
    );
    expect((await list()).map(({ atUs }) => atUs)).toEqual([at(3), at(2), at(1), at(0)]);
    for (const [seconds, waveform] of [
      [0, second],
      [1, second],
      [2, second],
      [3, first],
    ] as const)
      expect(await store.waveform({ seriesNo: 1, atUs: at(seconds) })).toEqual(waveform);
    expect(await store.lateLedger()).toEqual([
      { sourceNo: 1, fresh: 1, duplicates: 1, overwrites: 4 },
    ]);
    expect((await store.counts()).readings).toBe(4);
  });

  test("a short waveform takes the place of a long one, and the other way round", async () => {
    const { store, send } = use();
    const short = wave([1, 2, 3], 10);
    await send({ sequence: 1, newSeries, fresh: [snapshot(1, long), snapshot(2, short)] });
    await send({ sequence: 2, late: [snapshot(1, short), snapshot(2, long)] });
    expect(await store.waveform({ seriesNo: 1, atUs: at(1) })).toEqual(short);
    expect(await store.waveform({ seriesNo: 1, atUs: at(2) })).toEqual(long);
    expect((await list()).map(({ length }) => length)).toEqual([100_000, 3]);
  });

  test("a batch that was stored already brings no waveform back", async () => {
    const { send, reopen } = use();
    const first = { sequence: 1, newSeries, fresh: [snapshot(1, wave([1]))] };
    await send(first, { sequence: 2, late: [snapshot(1, wave([2]))] });
    await reopen();
    await send(first, { sequence: 3, fresh: [{ ...reading(1, 1), series: 2 }] });
    expect((await use().store.waveform({ seriesNo: 1, atUs: at(1) }))?.samples).toEqual(
      Float64Array.of(2),
    );
    expect(await list()).toHaveLength(1);
  });

  test("a list beyond its limits is refused", async () => {
    await expect(list(100_000)).rejects.toMatchObject({ code: "invalid" });
    await expect(list(1, at(-1))).rejects.toMatchObject({ code: "invalid" });
  });
}
