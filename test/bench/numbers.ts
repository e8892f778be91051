import { cpus } from "node:os";

/** The value below which a share of all lies; 0 of none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

export const round = (value: number, digits: number): number => Number(value.toFixed(digits));

/** The median of each measure over several runs. */
export function medians(runs: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  return Object.fromEntries(
    Object.keys(runs[0] ?? {}).map((key) => [
      key,
      quantile(
        runs.map((run) => run[key] ?? 0),
        0.5,
      ),
    ]),
  );
}

/** Cores and processor of this machine, for the line that holds a result. */
export const machine = (): string => `${cpus().length} × ${cpus()[0]?.model.trim()}`;
