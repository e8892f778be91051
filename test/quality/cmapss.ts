import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** One engine: a row a cycle, columns as the data set's notes name them. */
export type Engine = { readonly unit: string; readonly columns: ReadonlyMap<string, number[]> };
export type Subset = {
  readonly train: readonly Engine[];
  readonly test: readonly Engine[];
  /** Remaining cycles after the last row of each test engine: for scoring only. */
  readonly truth: readonly number[];
};

export const SETTINGS = ["setting1", "setting2", "setting3"];
const SENSORS = Array.from({ length: 21 }, (_unused, i) => `sensor${i + 1}`);

function linesOf(dir: string, name: string): string[] {
  const plain = join(dir, `${name}.txt`);
  if (!existsSync(plain) && !existsSync(`${plain}.gz`)) throw new Error(`${plain}[.gz] is absent`);
  const text = existsSync(plain)
    ? readFileSync(plain, "utf8")
    : new TextDecoder().decode(Bun.gunzipSync(readFileSync(`${plain}.gz`)));
  return text.split("\n").filter((line) => line.trim() !== "");
}

function enginesOf(dir: string, name: string): Engine[] {
  const names = [...SETTINGS, ...SENSORS];
  const engines = new Map<string, Map<string, number[]>>();
  for (const line of linesOf(dir, name)) {
    const [unit = "", _cycle, ...values] = line.trim().split(/\s+/);
    const columns = engines.get(unit) ?? new Map(names.map((column) => [column, []]));
    engines.set(unit, columns);
    for (const [c, column] of names.entries()) columns.get(column)?.push(Number(values[c]));
  }
  return [...engines].map(([unit, columns]) => ({ unit, columns }));
}

/** Reads one subset of turbofan engines run to failure. */
export function readSubset(dir: string, subset: string): Subset {
  return {
    train: enginesOf(dir, `train_${subset}`),
    test: enginesOf(dir, `test_${subset}`),
    truth: linesOf(dir, `RUL_${subset}`).map(Number),
  };
}
