import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { manualClock } from "../../lib/clock.ts";
import { silentLogger } from "../../lib/logger.ts";
import { loadDuckdb } from "../../native/duckdb.ts";
import { describeStore } from "../contract.ts";
import { DAY0_US, type StoreHarness } from "../contract-case.ts";
import { describeStoreLaws } from "../contract-law.ts";
import { createDuckdbStore, DUCKDB_DEFAULTS } from "./index.ts";

async function harness(): Promise<StoreHarness> {
  const dir = mkdtempSync(join(tmpdir(), "foresight-duckdb-"));
  // Half of what the laws write falls on days that have a table of their own.
  const clock = manualClock(DAY0_US - 24 * 3_600_000_000);
  const duckdb = await loadDuckdb(join(dir, "runtime"));
  return {
    clock,
    open: () =>
      createDuckdbStore({
        duckdb,
        clock,
        logger: silentLogger,
        options: {
          ...DUCKDB_DEFAULTS,
          file: join(dir, "series.duckdb"),
          lakeDir: join(dir, "lake"),
          sealRows: 20,
        },
      }),
    dispose: async () => rmSync(dir, { recursive: true, force: true }),
  };
}

describeStore("series store on DuckDB", harness);
describeStoreLaws("series store on DuckDB", harness, 25);
