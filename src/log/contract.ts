import { expect, test } from "bun:test";
import fc from "fast-check";
import type { LogFrame } from "../domain/log-frame.ts";
import type { RowWaveform } from "../domain/waveform.ts";
import type { Log } from "./index.ts";

/** A log under test, in a place of its own. */
export type LogUnderTest = {
  /** Opens it, as a start does; the one opened before is closed or its process has died. */
  open(options?: { readonly atLeastSequence?: number }): Promise<Log>;
};

/** Readings of one group, for tests. */
export function readings(
  ...rows: [series: number, atUs: number, value: number, text?: string][]
): LogFrame {
  return {
    kind: "readings",
    readings: {
      count: rows.length,
      series: Uint32Array.from(rows.map((r) => r[0])),
      atUs: Float64Array.from(rows.map((r) => r[1])),
      value: Float64Array.from(rows.map((r) => r[2])),
      texts: rows.flatMap((r, row) => (r[3] === undefined ? [] : [{ row, text: r[3] }])),
      waveforms: [],
      runs: [{ tenantNo: 1, sourceNo: 2, receivedAtUs: 3, endRow: rows.length }],
    },
  };
}

/** A frame with two waveforms, for tests. */
export function withWaveforms(): LogFrame {
  return waved(readings([1, 5, 1], [2, 6, Number.NaN, "3 samples"], [3, 6, Number.NaN, "4"]), [
    { row: 1, samples: Float64Array.of(0.1, -0, 5e-324), shape: [3], sampleRateHz: 25_600 },
    { row: 2, samples: Float64Array.of(1, 2, 3, 4), shape: [2, 2], sampleRateHz: undefined },
  ]);
}

function waved(frame: LogFrame, waveforms: readonly RowWaveform[]): LogFrame {
  if (frame.kind !== "readings") throw new Error("not a readings frame");
  return { kind: "readings", readings: { ...frame.readings, waveforms } };
}

/** Everything behind a sequence. */
export function readAll(log: Log, after = 0): [number, LogFrame][] {
  const found: [number, LogFrame][] = [];
  log.read(after, (sequence, frame) => {
    found.push([sequence, frame]);
    return true;
  });
  return found;
}

/** Columns as lists, which compare NaN with NaN. */
export function listed(frame: LogFrame): unknown {
  if (frame.kind !== "readings") return frame;
  const { series, atUs, value, ...rest } = frame.readings;
  return { ...rest, series: [...series], atUs: [...atUs], value: [...value] };
}

export const sequencesOf = (log: Log, after = 0): number[] =>
  readAll(log, after).map(([sequence]) => sequence);

const every: LogFrame[] = [
  {
    kind: "dictionary",
    dictionary: {
      entries: [
        {
          seriesNo: 1,
          tenantNo: 1,
          sourceNo: 2,
          measurement: "m",
          tags: [["a", "ü"]],
          field: "v",
          kind: "numeric",
          deviceKey: "d",
          firstAtUs: 5,
        },
      ],
    },
  },
  readings([1, 1e15, Number.NaN, "on"], [1, 1e15 - 1, -0], [2, 1e15 + 5, Number.POSITIVE_INFINITY]),
  readings([1, 0, 1], [1, 4e15, 2]), // further apart than an int32 of µs
  readings(),
  withWaveforms(),
  { kind: "control", controls: [{ kind: "rule-removed", ruleId: "r", atUs: 1 }] },
  { kind: "clock", clock: { nowUs: 7 } },
  { kind: "quarantine", quarantine: { lines: [], counts: [] } },
];

const frame = fc.oneof(
  fc.integer({ min: 0, max: 1e9 }).map((nowUs): LogFrame => ({ kind: "clock", clock: { nowUs } })),
  fc
    .array(
      fc.tuple(
        fc.integer({ min: 1, max: 2 ** 32 - 1 }),
        fc.integer({ min: -(2 ** 53) + 1, max: 2 ** 53 - 1 }),
        fc.oneof(
          fc.double(),
          fc.integer({ min: -1000, max: 1000 }).map((n) => n / 100),
        ),
        fc.option(fc.string({ unit: "binary" }), { nil: undefined }),
      ),
      { maxLength: 20 },
    )
    .map((rows) => readings(...rows.map(([s, t, v, text]) => [s, t, v, text] as never))),
  fc.array(fc.array(fc.double(), { maxLength: 50 }), { minLength: 1, maxLength: 5 }).map((waves) =>
    waved(
      readings(...waves.map((_, row): [number, number, number] => [row, 1e15 + row, Number.NaN])),
      waves.map((samples, row) => ({
        ...{ row, samples: Float64Array.from(samples), shape: [samples.length] },
        sampleRateHz: row % 2 === 0 ? undefined : 25_600 + row,
      })),
    ),
  ),
);

/** What every log keeps, whatever it is made of. `name` says which one. */
export function logContract(name: string, create: () => Promise<LogUnderTest>): void {
  test(`${name}: frames of every kind come back as they went in, also to a later start`, async () => {
    const place = await create();
    const log = await place.open();
    expect(await log.append(every)).toBe(8);
    const later = await place.open();
    expect(readAll(later).map(([, one]) => listed(one))).toEqual(every.map(listed));
    expect(sequencesOf(later, 3)).toEqual([4, 5, 6, 7, 8]);
    later.close();
  });

  test(`${name}: sequences rise by one, over groups and starts`, async () => {
    const place = await create();
    let next = 1;
    for (let start = 0; start < 3; start++) {
      const log = await place.open();
      expect(log.lastSequence()).toBe(next - 1);
      for (let group = 1; group <= 4; group++) {
        const frames = Array.from({ length: group }, (_, i) => readings([i + 1, next + i, next]));
        next += group;
        expect(await log.append(frames)).toBe(next - 1);
      }
      expect(sequencesOf(log)).toEqual(Array.from({ length: next - 1 }, (_, i) => i + 1));
      log.close();
    }
  });

  test(`${name}: reading can stop and go on where it stopped`, async () => {
    const log = await (await create()).open();
    for (let i = 1; i <= 9; i++) await log.append([readings([i, i, i])]);
    const found: number[] = [];
    for (let at = 0; at < log.lastSequence(); )
      log.read(at, (sequence) => {
        found.push(sequence);
        at = sequence;
        return sequence % 2 === 1;
      });
    expect(found).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    log.close();
  });

  test(`${name}: sequences go on above what consumers have reached, though the log be gone`, async () => {
    const place = await create();
    const log = await place.open({ atLeastSequence: 41 });
    expect(log.firstSequence()).toBe(42);
    expect(await log.append([readings([1, 1, 1])])).toBe(42);
    expect(sequencesOf(await place.open(), 41)).toEqual([42]);
  });

  test(`${name}: what nobody has released is never deleted`, async () => {
    const place = await create();
    const log = await place.open();
    for (let i = 1; i <= 20; i++) await log.append([readings([i, i, i])]);
    log.release(12);
    expect(log.firstSequence()).toBeLessThanOrEqual(13);
    expect(sequencesOf(log, 12)).toEqual([13, 14, 15, 16, 17, 18, 19, 20]);
    log.close();
    expect(sequencesOf(await place.open(), 12)).toEqual([13, 14, 15, 16, 17, 18, 19, 20]);
  });

  test(`${name}: any frames in any groups come back bit for bit, packed or not`, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(frame, { minLength: 1, maxLength: 3 }), { maxLength: 12 }),
        async (groups) => {
          const place = await create();
          const log = await place.open();
          for (const frames of groups) await log.append(frames);
          await log.settled();
          const wanted = groups.flat().map(listed);
          expect(readAll(log).map(([, one]) => listed(one))).toEqual(wanted);
          log.close();
          expect(readAll(await place.open()).map(([, one]) => listed(one))).toEqual(wanted);
        },
      ),
      { numRuns: 40 },
    );
  }, 60_000);
}
