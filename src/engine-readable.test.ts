import { expect, test } from "bun:test";
import type { ReadingsFrame } from "./domain/log-frame.ts";
import { frameWeight, knownRows } from "./engine-readable.ts";

const waveform = (row: number, samples: number) => ({
  ...{ row, samples: new Float64Array(samples), shape: [samples], sampleRateHz: 10 },
});

const FRAME: ReadingsFrame = {
  count: 5,
  series: Uint32Array.of(1, 2, 1, 2, 3),
  atUs: Float64Array.of(10, 20, 30, 40, 50),
  value: Float64Array.of(1, Number.NaN, 3, 4, Number.NaN),
  texts: [
    { row: 1, text: "of 2" },
    { row: 4, text: "of 3" },
  ],
  waveforms: [waveform(1, 7), waveform(4, 9)],
  runs: [
    { tenantNo: 1, sourceNo: 1, receivedAtUs: 5, endRow: 2 },
    { tenantNo: 1, sourceNo: 2, receivedAtUs: 6, endRow: 5 },
  ],
};

test("rows of unknown series go with their texts and waveforms, and those that stay keep theirs", () => {
  const { frame, unknown, highestNo } = knownRows(FRAME, (seriesNo) => seriesNo !== 2);
  expect({ unknown, highestNo }).toEqual({ unknown: 2, highestNo: 3 });
  expect([...frame.atUs]).toEqual([10, 30, 50]);
  expect(frame.texts).toEqual([{ row: 2, text: "of 3" }]);
  expect(frame.waveforms).toEqual([waveform(2, 9)]);
  expect(frame.runs.map(({ endRow }) => endRow)).toEqual([1, 3]);
});

test("a frame weighs as much as its readings and samples", () => {
  expect(frameWeight({ kind: "readings", readings: FRAME })).toBe(5 + 7 + 9);
  expect(frameWeight({ kind: "clock", clock: { nowUs: 1 } })).toBe(1);
});
