import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Fleet, Machine } from "./fleet.ts";

const SETTINGS = ["setting1", "setting2", "setting3"];
const SENSORS = Array.from({ length: 21 }, (_unused, i) => `sensor${i + 1}`);

function linesOf(dir: string, name: string): string[] {
  const plain = join(dir, `${name}.txt`);
  if (!existsSync(plain) && !existsSync(`${plain}.gz`)) throw new Error(`${plain}[.gz] is absent`);
  const text = existsSync(plain)
    ? readFileSync(plain, "utf8")
    : new TextDecoder().decode(Bun.gunzipSync(readFileSync(`${plain}.gz`)));
  return text.split("\n").filter((line) => line.trim() !== "");
}

function enginesOf(dir: string, part: "train" | "test", subset: string): Machine[] {
  const names = [...SETTINGS, ...SENSORS];
  const engines = new Map<string, Map<string, number[]>>();
  for (const line of linesOf(dir, `${part}_${subset}`)) {
    const [unit = "", _cycle, ...values] = line.trim().split(/\s+/);
    const key = `${part}-${unit.padStart(3, "0")}`;
    const columns = engines.get(key) ?? new Map(names.map((column) => [column, []]));
    engines.set(key, columns);
    for (const [c, column] of names.entries()) columns.get(column)?.push(Number(values[c]));
  }
  return [...engines].map(([key, columns]) => ({ key, columns }));
}

/** Reads one subset of turbofan engines run to failure: a row a cycle, columns as its notes name them. */
export function readSubset(dir: string, subset: string): Fleet {
  return {
    train: enginesOf(dir, "train", subset),
    test: enginesOf(dir, "test", subset),
    truth: linesOf(dir, `RUL_${subset}`).map(Number),
    settings: SETTINGS,
    clockUnit: "cycle",
    capSteps: 125,
  };
}
