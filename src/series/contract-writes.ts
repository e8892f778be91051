import { expect, test } from "bun:test";
import { at, readAll, reading, type Use } from "./contract-case.ts";
import { batchOf, entryOf } from "./testing.ts";

/** What applying batches does, and what it does not do twice. */
export function describeWrites(use: Use): void {
  const state = (seconds: number, text: string) => reading(seconds, Number.NaN, text);
  test.each([
    // name, fresh, late, what is stored, [fresh, duplicates, overwrites] of the late ones
    [
      "a late reading between others is kept",
      [1, 3],
      [[2, 20]],
      [
        [1, 1],
        [2, 20],
        [3, 3],
      ],
      [1, 0, 0],
    ],
    [
      "the same again changes nothing",
      [1, 2],
      [
        [1, 1],
        [2, 2],
      ],
      [
        [1, 1],
        [2, 2],
      ],
      [0, 2, 0],
    ],
    [
      "another value replaces",
      [1, 2],
      [[1, 9]],
      [
        [1, 9],
        [2, 2],
      ],
      [0, 0, 1],
    ],
    [
      "of several the last wins",
      [5],
      [
        [1, 7],
        [1, 8],
        [1, 8],
      ],
      [
        [1, 8],
        [5, 5],
      ],
      [1, 1, 1],
    ],
    [
      "back to the first value is one more overwrite",
      [1],
      [
        [1, 9],
        [1, 1],
      ],
      [[1, 1]],
      [0, 0, 2],
    ],
  ] as const)("late: %s", async (_name, fresh, late, stored, [added, duplicates, overwrites]) => {
    const { store, send } = use();
    await send({
      sequence: 1,
      newSeries: [entryOf(1)],
      fresh: fresh.map((seconds) => reading(seconds, seconds)),
      late: late.map(([seconds, value]) => ({ ...reading(seconds, value), source: 7 })),
    });
    const [points] = await readAll(store, "raw", [1]);
    expect(Array.from(points?.atUs ?? [], (t, i) => [t, points?.mean[i]])).toEqual(
      stored.map(([seconds, value]) => [at(seconds), value]),
    );
    expect(await store.lateLedger()).toEqual([
      { sourceNo: 7, fresh: added, duplicates, overwrites },
    ]);
  });

  test("states are compared by their text, and a state replaced keeps one text", async () => {
    const { store, send } = use();
    await send(
      {
        sequence: 1,
        newSeries: [entryOf(1, 1, "state")],
        fresh: [state(1, "on"), state(2, "off")],
      },
      {
        sequence: 2,
        late: [state(1, "on"), state(2, "a state with a long name"), state(0, "idle")],
      },
    );
    const { texts } = await store.states({ seriesNos: [1], fromUs: at(-9), toUs: at(9) });
    expect(texts).toEqual([
      { series: 1, atUs: at(0), text: "idle" },
      { series: 1, atUs: at(1), text: "on" },
      { series: 1, atUs: at(2), text: "a state with a long name" },
    ]);
    expect(await store.lateLedger()).toEqual([
      { sourceNo: 1, fresh: 1, duplicates: 1, overwrites: 1 },
    ]);
    expect(await store.latest({ seriesNos: [1] })).toEqual([
      { seriesNo: 1, atUs: at(2), value: Number.NaN, text: "a state with a long name" },
    ]);
  });

  test("a batch that was stored already is skipped, also after a restart", async () => {
    const { send, reopen } = use();
    const first = {
      sequence: 4,
      firstSequence: 2,
      newSeries: [entryOf(1)],
      fresh: [reading(1, 1)],
    };
    expect(await send(first)).toEqual([4]);
    await reopen();
    expect(await send(first, { sequence: 5, fresh: [reading(2, 2)] })).toEqual([4, 5]);
    expect(await use().store.counts()).toMatchObject({ readings: 2, series: 1, sequence: 5 });
  });

  test("a batch sent twice before it is stored counts once", async () => {
    const { store } = use();
    const batch = batchOf({ sequence: 1, newSeries: [entryOf(1)], fresh: [reading(1, 1)] });
    const both = [store.apply(batch), store.apply(batch)];
    await store.flush();
    expect(await Promise.all(both)).toEqual([1, 1]);
    expect((await store.counts()).readings).toBe(1);
  });

  test("a batch that reaches over what is stored is refused as a bug", async () => {
    const { store, send } = use();
    await send({ sequence: 4, newSeries: [entryOf(1)], fresh: [reading(1, 1)] });
    const over = store.apply(batchOf({ firstSequence: 4, sequence: 6, fresh: [reading(2, 2)] }));
    await expect(over).rejects.toMatchObject({ code: "internal" });
  });

  test("batches are stored a second after the first of them, without being asked", async () => {
    const { store, harness } = use();
    const applied = store.apply(batchOf({ sequence: 1, newSeries: [entryOf(1)] }));
    expect((await store.status()).sequence).toBe(0);
    harness.clock.advanceMs(1000);
    expect(await applied).toBe(1);
    expect(await store.status()).toMatchObject({ sequence: 1, queuedBatches: 0, queuedRows: 0 });
  });

  test("stopping stores what is queued; both stopping and stopping twice are legal", async () => {
    const { store, reopen } = use();
    const applied = store.apply(
      batchOf({ sequence: 1, newSeries: [entryOf(1)], fresh: [reading(1, 1)] }),
    );
    await store.stop();
    await store.stop();
    expect(await applied).toBe(1);
    await expect(store.apply(batchOf({ sequence: 2 }))).rejects.toMatchObject({
      code: "unavailable",
    });
    await reopen();
    expect((await use().store.counts()).readings).toBe(1);
  });
}
