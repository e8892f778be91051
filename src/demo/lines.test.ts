import { expect, test } from "bun:test";
import { CHUNK_BYTES, historyLines, livePlant } from "./lines.ts";
import { createPlant } from "./plant.ts";
import { gridPlant, HISTORY_STEP_US, playback, SIGNALS_PER_MACHINE } from "./readings.ts";
import { DAY_US, HOUR_US } from "./truth.ts";

const END_US = Date.UTC(2026, 5, 1) * 1_000;
const plant = createPlant(1, END_US);
const decoder = new TextDecoder();

type Line = { asset: string; atUs: number; fields: Map<string, number> };

function parse(chunks: Iterable<Uint8Array>): Line[] {
  const text = [...chunks].map((chunk) => decoder.decode(chunk)).join("");
  expect(text.endsWith("\n")).toBe(true);
  return text
    .trimEnd()
    .split("\n")
    .map((line) => {
      const match = /^[a-z]+,asset=([A-Z]-\d+) ([a-z_]+=[\d.]+(?:,[a-z_]+=[\d.]+)*) (\d+)000$/.exec(
        line,
      );
      if (match === null) throw new Error(`not a line: ${line}`);
      const fields = (match[2] ?? "").split(",").map((pair) => pair.split("="));
      return {
        asset: match[1] ?? "",
        atUs: Number(match[3]),
        fields: new Map(fields.map(([name, value]) => [name ?? "", Number(value)])),
      };
    });
}

test("lines carry every value shown, in order of time", () => {
  const fromUs = plant.startUs + 3 * DAY_US;
  const lines = parse(historyLines(plant, fromUs, fromUs + 2 * HOUR_US));
  expect(lines).toHaveLength(12 * 24);
  const play = playback(plant, fromUs);
  let row = 0;
  for (let atUs = fromUs; atUs < fromUs + 2 * HOUR_US; atUs += HISTORY_STEP_US) {
    const values = play.at(atUs);
    plant.machines.forEach((machine, m) => {
      const line = lines[row++];
      expect(line?.asset).toBe(machine.key);
      expect(line?.atUs).toBe(atUs);
      machine.type.signals.forEach((signal, s) => {
        const value = values[m * SIGNALS_PER_MACHINE + s] ?? Number.NaN;
        if (Number.isNaN(value)) expect(line?.fields.has(signal.name)).toBe(false);
        else expect(line?.fields.get(signal.name)).toBe(value);
      });
    });
  }
});

test("chunks hold whole lines and keep their bound", () => {
  const chunks = [...historyLines(plant, plant.startUs, plant.startUs + 5 * DAY_US)];
  expect(chunks.length).toBeGreaterThan(1);
  for (const chunk of chunks) {
    expect(chunk.length).toBeLessThanOrEqual(CHUNK_BYTES);
    expect(chunk.at(-1)).toBe(10);
  }
});

test("a restart goes on where it stopped", () => {
  const middleUs = plant.startUs + 40 * DAY_US;
  const whole = parse(historyLines(plant, middleUs - 3 * DAY_US, middleUs + 2 * HOUR_US));
  const again = parse(historyLines(plant, middleUs, middleUs + 2 * HOUR_US));
  again.forEach((line, i) => {
    const before = whole[whole.length - again.length + i];
    expect(line.atUs).toBe(before?.atUs ?? 0);
    for (const [name, value] of line.fields) {
      // Warmth is known to a hundredth of a degree after warming up; the rest exactly.
      expect(Math.abs(value - (before?.fields.get(name) ?? 0))).toBeLessThan(0.11);
    }
  });
});

test("live readings join the history, after a gap too", () => {
  const live = livePlant(plant);
  for (const atUs of [END_US, END_US + 1_000_000, END_US + 3 * HOUR_US]) {
    const lines = parse([live.linesAt(atUs)]);
    expect(lines).toHaveLength(24);
    expect(new Set(lines.map((line) => line.atUs))).toEqual(new Set([atUs]));
  }
  const gap = parse(historyLines(plant, END_US + 90_000_000, END_US + HOUR_US, 60_000_000));
  expect(gap[0]?.atUs).toBe(END_US + 120_000_000);
  expect(gap).toHaveLength(58 * 24);
});

test("a machine under repair stands still, and cools", () => {
  const machine = plant.machines.find(({ faults }) => (faults[0]?.backUs ?? END_US) < END_US);
  const fault = machine?.faults[0];
  if (machine === undefined || fault === undefined) throw new Error("no machine was repaired");
  const m = plant.machines.indexOf(machine);
  const speedOrLoad = machine.type.settings[0] ?? "";
  const s = machine.type.signals.findIndex((signal) => signal.name === speedOrLoad);
  const before = playback(plant, fault.failureUs - HOUR_US)
    .at(fault.failureUs - HOUR_US)
    .slice();
  const during = playback(plant, fault.backUs - HOUR_US).at(fault.backUs - HOUR_US);
  expect(during[m * SIGNALS_PER_MACHINE + s] ?? 0).toBeLessThan(
    0.05 * (before[m * SIGNALS_PER_MACHINE + s] ?? 0),
  );
  const t = machine.type.signals.findIndex((signal) => signal.unit === "°C");
  expect(during[m * SIGNALS_PER_MACHINE + t] ?? 99).toBeLessThan(
    (before[m * SIGNALS_PER_MACHINE + t] ?? 0) - 8,
  );
});

test("a grid holds the means of what lines say", () => {
  const fromUs = plant.startUs + 10 * DAY_US;
  const [grid] = gridPlant(plant, fromUs, fromUs + DAY_US, DAY_US);
  const lines = parse(historyLines(plant, fromUs, fromUs + DAY_US));
  const own = lines.filter((line) => line.asset === grid?.assetKey);
  grid?.signals.forEach((name, s) => {
    const values = own.flatMap((line) => line.fields.get(name) ?? []);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(grid.values[s]).toBeCloseTo(mean, 6);
  });
});
