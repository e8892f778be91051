import { BATCH_LIMITS, type RowError } from "../../src/plugin-sdk/index.ts";

/** Counts what a batch's rows came to. The first errors are kept, all are counted. */
export type Tally = {
  /** @param column undefined when the whole row is meant. */
  fail(line: number, column: string | undefined, reason: string): void;
  row(): void;
  missing(): void;
  rows(): number;
  /** What was counted since the last call. */
  take(): { rowErrors: readonly RowError[]; errorCount: number; rows: number; missing: number };
};

export function createTally(): Tally {
  let errors: RowError[] = [];
  let errorCount = 0;
  let rows = 0;
  let missing = 0;
  return {
    fail(line, column, reason) {
      errorCount++;
      if (errors.length >= BATCH_LIMITS.rowErrors) return;
      errors.push(column === undefined ? { line, reason } : { line, column, reason });
    },
    row: () => void rows++,
    missing: () => void missing++,
    rows: () => rows,
    take() {
      const taken = { rowErrors: errors, errorCount, rows, missing };
      [errors, errorCount, rows, missing] = [[], 0, 0, 0];
      return taken;
    },
  };
}
