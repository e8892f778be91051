import { AppError, reasonOf } from "../../domain/error.ts";
import type { AtLeast, ReadingStoreEngine, StoreCounts } from "../../domain/reading-store.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import { checkSeries } from "../duckdb/reads/limits.ts";
import { lateLedgerOf } from "../duckdb/reads/lookups.ts";
import { createDayFinder } from "../duckdb/state.ts";
import { createWriter, type WriterLimits } from "../duckdb/writer.ts";
import type { QuestdbAddress } from "./address.ts";
import { applyGroup, finishUnfinished } from "./apply.ts";
import { moveCursor } from "./finish.ts";
import { readGrid } from "./reads/grid.ts";
import { readCounts, readLatest, readSeriesInfo, readStates } from "./reads/lookups.ts";
import { readRange } from "./reads/range.ts";
import { readRows } from "./reads/rows.ts";
import { readWaveform, readWaveforms } from "./reads/waveforms.ts";
import { checkDurability, createTables, tablesOf } from "./schema.ts";
import { loadState } from "./state.ts";
import { createWire, type Wire, type WireLimits } from "./wire.ts";

export { type QuestdbAddress, questdbAddressOf } from "./address.ts";

export type QuestdbStoreOptions = {
  readonly address: QuestdbAddress;
  /** Tells one installation from another, so that two never share tables; not checked when left out. */
  readonly owner?: string | undefined;
  readonly writer: WriterLimits;
  readonly wire: WireLimits;
  /** How long the server is waited for at the start, if it does not answer. */
  readonly openMs: number;
  /** How long a read waits for the sequence that it asks for. */
  readonly reachMs: number;
};

export const QUESTDB_DEFAULTS = {
  writer: { rowsPerCommit: 100_000, commitEveryMs: 1000 },
  wire: { connections: 4, waiting: 200, queryMs: 20_000, writeMs: 60_000 },
  openMs: 60_000,
  reachMs: 10_000,
} as const;

const TRY_AGAIN_MS = 1_000;

const NO_LAKE = {
  ...{ files: 0, rows: 0, sizeBytes: 0, unreadable: [] },
  ...{ uploaded: 0, uploadFailure: "" },
} as const;

/** QuestDB keeps its days in partitions of its own, and knows no rows that go while others stay. */
const WITHOUT_LAKE = {
  seal: async () => ({ days: 0, files: 0, rows: 0, sizeBytes: 0 }),
  describe: async () => {},
  async retain() {
    throw new AppError(
      "invalid",
      "classes of retention have no effect on readings in QuestDB; let it drop old days itself, " +
        "for each table, at an age that nothing comes late for: ALTER TABLE … SET TTL 90 DAYS",
    );
  },
  retentionLog: async () => [],
} as const satisfies Partial<ReadingStoreEngine>;

/**
 * The series store on a QuestDB server.
 * @throws AppError("unavailable") when it does not answer, or answers before its disk holds the rows.
 */
export async function createQuestdbStore(deps: {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly options: QuestdbStoreOptions;
}): Promise<ReadingStoreEngine> {
  const { clock, logger, options } = deps;
  let readsRefused = 0;
  const connect = () =>
    createWire(options.address, options.wire, {
      refused: () => void readsRefused++,
      resumed: (table) =>
        logger.warn("QuestDB had given up a table, for want of disk or files; it goes on", {
          table,
        }),
    });
  const wire = connect();
  const tables = tablesOf(options.address.prefix);
  await reachServer(wire, deps);
  const warning = await checkDurability(wire, options.address);
  if (warning !== undefined) logger.warn(warning);
  await createTables(wire, tables);
  const state = await loadState(wire, tables, options.owner);
  const dayOf = createDayFinder(logger);
  const apply = { wire, tables, state, dayOf, logger };
  await finishUnfinished(apply);
  // Connections of their own: the writer must not stand in line behind reads.
  const reading = { ...apply, wire: connect() };
  const writer = createWriter({
    clock,
    logger,
    limits: options.writer,
    sequence: state.sequence,
    store: (batches) => applyGroup(apply, batches),
  });
  const read = async <T>(request: AtLeast, run: () => Promise<T>): Promise<T> => {
    if (request.atLeastSequence !== undefined)
      await writer.reached(request.atLeastSequence, options.reachMs);
    return run();
  };
  /** Between two groups, so that the tables agree. */
  const counts = async (): Promise<StoreCounts> => {
    const counted = Promise.withResolvers<StoreCounts>();
    await writer.between(() => readCounts(apply).then(counted.resolve, counted.reject));
    return counted.promise;
  };
  let stopping: Promise<void> | undefined;
  const stop = async () => {
    await writer.stop();
    await reading.wire.close();
    await wire.close();
  };
  return {
    apply: writer.apply,
    async takeOver({ sequence, lateLedger }) {
      await writer.flush();
      const none = { fresh: 0, duplicates: 0, overwrites: 0 };
      const ledger = new Map(
        [...state.ledger.keys()].map((sourceNo) => [sourceNo, { sourceNo, ...none }]),
      );
      for (const row of lateLedger) ledger.set(row.sourceNo, row);
      await moveCursor(apply, { sequence, ledger: [...ledger.values()], pending: [], zones: [] });
    },
    flush: writer.flush,
    range: (request) => read(request, () => readRange(reading, request)),
    latest: (request) => read(request, () => readLatest(reading, request)),
    gridded: (request) => read(request, () => readGrid(reading, request)),
    rows: (request) => read(request, () => readRows(reading, request)),
    states: (request) => read(request, () => readStates(reading, request)),
    waveforms: (request) => read(request, () => readWaveforms(reading, request)),
    waveform: (request) => read(request, () => readWaveform(reading, request)),
    seriesInfo: (request) => read(request, () => readSeriesInfo(reading, request)),
    zones: (request) =>
      read(request, async () => {
        checkSeries(request.seriesNos);
        return request.seriesNos.map((no) => state.zoneOf.get(no) ?? "UTC");
      }),
    counts: (request = {}) => read(request, counts),
    lateLedger: (request = {}) => read(request, async () => lateLedgerOf(state)),
    ...WITHOUT_LAKE,
    status: async () => ({ ...writer.status(), readsRefused, lake: NO_LAKE }),
    stop() {
      stopping ??= stop();
      return stopping;
    },
  };
}

/** Waits for a server that starts beside us; one that refuses the password is not asked again. */
async function reachServer(
  wire: Wire,
  { clock, logger, options }: Parameters<typeof createQuestdbStore>[0],
): Promise<void> {
  for (let waitedMs = 0; ; waitedMs += TRY_AGAIN_MS) {
    try {
      await wire.query("select 1");
      return;
    } catch (error) {
      const isRefused = /password|authentication/i.test(reasonOf(error));
      if (isRefused || waitedMs >= options.openMs) {
        await wire.close();
        throw error;
      }
      if (waitedMs === 0) logger.warn("waiting for QuestDB", { reason: reasonOf(error) });
      await new Promise<void>((resolve) => void clock.after(TRY_AGAIN_MS, resolve));
    }
  }
}
