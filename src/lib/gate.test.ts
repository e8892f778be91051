import { expect, test } from "bun:test";
import { createGate } from "./gate.ts";

test("so many run, so many wait in order, the next is refused and counted", async () => {
  const gate = createGate({ running: 2, waiting: 1 }, () => new Error("full"));
  const ends = [0, 1, 2].map(() => Promise.withResolvers<void>());
  const begun: number[] = [];
  const runs = ends.map(({ promise }, i) =>
    gate.run(async () => {
      begun.push(i);
      await promise;
      return i;
    }),
  );
  await expect(gate.run(async () => 3)).rejects.toThrow("full");
  expect([begun, gate.refused()]).toEqual([[0, 1], 1]);
  ends[1]?.resolve();
  expect(await runs[1]).toBe(1);
  for (const { resolve } of ends) resolve();
  expect(await Promise.all(runs)).toEqual([0, 1, 2]);
  expect(await gate.run(async () => 4)).toBe(4);
});

test("one that fails leaves its place", async () => {
  const gate = createGate({ running: 1, waiting: 0 }, () => new Error("full"));
  await expect(gate.run(() => Promise.reject(new Error("bad")))).rejects.toThrow("bad");
  expect(await gate.run(async () => "next")).toBe("next");
});
