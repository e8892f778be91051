import type { Batch } from "../../src/plugin-sdk/index.ts";
import type { Row } from "./csv.ts";

/** Makes batches of rows, one kind of file each. */
export type RowHandler = {
  /** Takes a row, good or bad; never throws for what it holds. */
  row(row: Row): void;
  /** Whether it is time to `take`. */
  isFull(): boolean;
  /** What has gathered since the last call. */
  take(): Omit<Batch, "checkpoint">;
};
