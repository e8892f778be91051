import { expect, test } from "bun:test";
import { batchesOf, type Load } from "./lines.ts";

const base: Load = {
  shape: "narrow",
  assets: 5,
  sensors: ["a", "b"],
  lines: 2_000,
  linesPerBatch: 70,
  startS: 1_790_000_000,
};

const textOf = (load: Load) =>
  batchesOf(load)
    .map(({ body }) => new TextDecoder().decode(body))
    .join("")
    .trimEnd()
    .split("\n");

test.each([
  ["in order", {}],
  ["late", { lateShare: 0.05 }],
  ["late and repeated", { lateShare: 0.05, duplicateShare: 0.01 }],
  ["late and wide", { shape: "wide", lateShare: 0.2 }],
] as const)("a load %s holds each of its lines", (_name, change) => {
  const lines = textOf({ ...base, ...change });
  expect(new Set(lines).size).toBe(base.lines);
  const keys = new Set(lines.map((line) => line.replace(/ .* /, " ")));
  expect(keys.size).toBe(base.lines);
});

test("late lines come 60 s after their turn, and repeated ones are the same", () => {
  const lines = textOf({ ...base, lateShare: 0.1, duplicateShare: 0.1 });
  expect(lines.length).toBeGreaterThan(base.lines);
  let newest = 0;
  const lags = lines.slice(0, 1_500).map((line) => {
    const atS = Number(line.slice(line.lastIndexOf(" ") + 1)) / 1e9;
    newest = Math.max(newest, atS);
    return newest - atS;
  });
  expect([...new Set(lags.map((lag) => (lag > 1 ? 60 : 0)))].sort()).toEqual([0, 60]);
});

test("a shuffled load names the same series in every round in another order", () => {
  const rounds = (load: Load) => {
    const heads = textOf(load).map((line) => line.split(" ")[0] ?? "");
    return [heads.slice(0, 10), heads.slice(10, 20)];
  };
  const [first = [], second = []] = rounds({ ...base, order: "shuffled" });
  expect(first).not.toEqual(second);
  expect([...first].sort()).toEqual([...second].sort());
});

test("batches count their lines", () => {
  const batches = batchesOf(base);
  expect(batches.map(({ lines }) => lines)).toEqual([...Array(28).fill(70), 40]);
});
