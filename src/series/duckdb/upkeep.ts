import { reasonOf } from "../../domain/error.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import type { DuckdbConnection } from "./connection.ts";
import type { ReadPool } from "./reads/pool.ts";
import type { Writer } from "./writer.ts";

/** What DuckDB keeps of the blocks that it has read, after its memory was given back. */
const KEPT_BYTES = 64 * 2 ** 20;

/**
 * Writes DuckDB's own log into its file and gives back the memory that it fills, up to its limit, with
 * blocks it has read. Done every `everyMs` when there were commits or reads since, and at the end.
 */
export function createUpkeep(deps: {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Its own; closed by `stop`. */
  readonly connection: DuckdbConnection;
  readonly writer: Writer;
  readonly pool: ReadPool;
  /** While it says so the memory is needed. */
  readonly isSealing: () => boolean;
  readonly memoryBytes: number;
  readonly everyMs: number;
}): { stop(): Promise<void> } {
  const { connection, writer, pool } = deps;
  let commits = 0;
  let reads = 0;
  let running: Promise<void> = Promise.resolve();

  async function attempt(sql: string): Promise<void> {
    try {
      await connection.run(sql);
    } catch (error) {
      // Nothing is lost: a statement under way forbids it now, and it is tried again.
      deps.logger.debug("upkeep of the series store was put off", { reason: reasonOf(error) });
    }
  }

  async function shrink(): Promise<void> {
    if (deps.memoryBytes <= KEPT_BYTES || deps.isSealing()) return;
    await attempt(`set memory_limit = '${KEPT_BYTES / 2 ** 20}MiB'`);
    await attempt(`set memory_limit = '${Math.ceil(deps.memoryBytes / 1024)}KiB'`);
  }

  async function run(): Promise<void> {
    const now = { commits: writer.status().commits, reads: pool.served() };
    if (now.commits === commits && now.reads === reads) return;
    const wrote = now.commits !== commits;
    ({ commits, reads } = now);
    await writer.between(async () => {
      if (wrote) await attempt("checkpoint");
      await pool.quietly(shrink);
    });
  }

  const cancel = deps.clock.every(deps.everyMs, () => {
    running = running.then(run);
  });
  return {
    async stop() {
      cancel();
      await running;
      await attempt("checkpoint");
      connection.close();
    },
  };
}
