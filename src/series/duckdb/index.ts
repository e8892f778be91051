import { mkdirSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { SealSchedule } from "../../domain/lake.ts";
import type { AtLeast, ReadingStoreEngine } from "../../domain/reading-store.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import type { RemoteFiles } from "../../lib/s3-files.ts";
import type { Duckdb, DuckdbConnection } from "./connection.ts";
import type { DiskGuardSettings } from "./lake/disk-guard.ts";
import { type Lake, openLake } from "./lake/index.ts";
import { readRetentionLog } from "./lake/retention.ts";
import type { LakeView } from "./lake/source.ts";
import { openDatabase } from "./open.ts";
import { readGrid } from "./reads/grid.ts";
import { checkSeries } from "./reads/limits.ts";
import {
  lateLedgerOf,
  readCounts,
  readLatest,
  readSeriesInfo,
  readStates,
} from "./reads/lookups.ts";
import { createReadPool, type PoolLimits } from "./reads/pool.ts";
import { readRange } from "./reads/range.ts";
import { readRows } from "./reads/rows.ts";
import { readWaveform, readWaveforms } from "./reads/waveforms.ts";
import { type ClosedBefore, createDayFinder, loadState } from "./state.ts";
import { takeOver } from "./take-over.ts";
import { applyBatches } from "./transaction.ts";
import { createUpkeep } from "./upkeep.ts";
import { createWriter, type Writer, type WriterLimits } from "./writer.ts";

export type DuckdbStoreOptions = {
  /** The database's file, below the data folder. */
  readonly file: string;
  readonly memoryBytes: number;
  readonly threads: number;
  readonly writer: WriterLimits;
  readonly reads: PoolLimits;
  /** How long a read waits for the sequence that it asks for. */
  readonly reachMs: number;
  /** How often memory and the database's own log are given back, if anything was done. */
  readonly maintainMs: number;
  /** The folder of sealed days. */
  readonly lakeDir: string;
  /** Readings that sealing sorts at once. */
  readonly sealRows: number;
  readonly seal: SealSchedule;
  readonly guard: DiskGuardSettings;
};

export const DUCKDB_DEFAULTS = {
  memoryBytes: 2 ** 30,
  threads: 1,
  writer: { rowsPerCommit: 1_000_000, commitEveryMs: 1000 },
  reads: { connections: 2, waiting: 200, readMs: 20_000 },
  reachMs: 10_000,
  maintainMs: 60_000,
  sealRows: 4_000_000,
  guard: { leastBytes: 0, everyMs: 60_000 },
  seal: { afterMs: 6 * 3_600_000, everyMs: 600_000, mergeMs: 12 * 3_600_000 },
} as const;

/**
 * The series store on one DuckDB file.
 * @throws AppError("unavailable") when the file is damaged or held by another process.
 */
export async function createDuckdbStore(deps: {
  readonly duckdb: Duckdb;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly options: DuckdbStoreOptions;
  /** S3-compatible storage that keeps a copy of sealed days. */
  readonly remote?: RemoteFiles | undefined;
  /** Free bytes of the lake's disk; asked of the system when left out. */
  readonly freeBytes?: () => Promise<number>;
}): Promise<ReadingStoreEngine> {
  const { options, clock, logger } = deps;
  const database = await openFile(deps.duckdb, options);
  const connection = await database.connect();
  const state = await loadState(connection);
  const findDay = createDayFinder(logger);
  const writer = createWriter({
    clock,
    logger,
    limits: options.writer,
    sequence: state.sequence,
    store: (batches) =>
      lake.write(connection, (own) => {
        const nowUs = clock.nowUs();
        return applyBatches({ connection, state, dayOf: findDay, lake: own, nowUs }, batches);
      }),
  });
  const lake: Lake = await openLake({
    connect: database.connect,
    root: options.lakeDir,
    ...{ state, logger, clock },
    ...{ schedule: options.seal, guard: options.guard, remote: deps.remote },
    freeBytes: deps.freeBytes ?? (() => freeBytesOf(options.lakeDir)),
    exclusively: (run) => settledBetween(writer, run),
    sliceRows: options.sealRows,
  });
  const pool = createReadPool({ clock, limits: options.reads, open: database.connect });
  const upkeep = createUpkeep({
    connection: await database.connect(),
    ...{ clock, logger, writer, pool },
    isSealing: lake.isSealing,
    memoryBytes: options.memoryBytes,
    everyMs: options.maintainMs,
  });
  const dayOf = (no: number, atUs: number) => findDay(state.zoneOf.get(no), atUs);
  const reached = async ({ atLeastSequence: least }: AtLeast) => {
    if (least !== undefined) await writer.reached(least, options.reachMs);
  };
  const read: Read = async (request, run, seriesNos) => {
    await reached(request);
    return pool.use((c) => lake.read(c, (view, closedUs) => run(c, view, closedUs), seriesNos));
  };
  let stopping: Promise<void> | undefined;
  const stop = async () => {
    await lake.stop();
    await writer.stop();
    await pool.close();
    await upkeep.stop();
    connection.close();
    database.close();
  };
  return {
    apply: writer.apply,
    async takeOver(from) {
      await writer.flush();
      await takeOver(connection, from);
    },
    flush: writer.flush,
    ...readsBy(read, dayOf),
    seal: lake.seal,
    describe: lake.describe,
    retain: (request) =>
      request.dryRun ? read({}, (c) => lake.preview(c, request)) : lake.retain(request),
    retentionLog: (tenantNo) => read({}, (c) => readRetentionLog(c, tenantNo)),
    async zones({ seriesNos, ...atLeast }) {
      await reached(atLeast);
      checkSeries(seriesNos);
      return seriesNos.map((no) => state.zoneOf.get(no) ?? "UTC");
    },
    async lateLedger(request = {}) {
      await reached(request);
      return lateLedgerOf(state);
    },
    status: async () => ({ ...writer.status(), readsRefused: pool.refused(), lake: lake.status() }),
    stop() {
      stopping ??= stop();
      return stopping;
    },
  };
}

/** Runs a read on a connection of the pool, once what it names is stored. */
type Read = <T>(
  request: AtLeast,
  run: (connection: DuckdbConnection, lake: LakeView, closedUs: ClosedBefore) => Promise<T>,
  seriesNos?: readonly number[],
) => Promise<T>;

function readsBy(read: Read, dayOf: Parameters<typeof readRange>[2]) {
  return {
    range: (request) => read(request, (c, view) => readRange(c, view, dayOf, request)),
    latest: (request) =>
      read(request, (c, view, closed) => readLatest(c, view, closed, request), request.seriesNos),
    gridded: (request) =>
      read(request, (c, view, closed) => readGrid(c, view, closed, request), request.seriesNos),
    rows: (request) => read(request, (c, view) => readRows(c, view, request)),
    states: (request) => read(request, (c, view) => readStates(c, view, request)),
    waveforms: (request) => read(request, (c, view) => readWaveforms(c, view, request)),
    waveform: (request) => read(request, (c, view) => readWaveform(c, view, request)),
    seriesInfo: (request) => read(request, (c) => readSeriesInfo(c, request)),
    counts: (request = {}) => read(request, (c, view) => readCounts(c, view.version)),
  } satisfies Partial<ReadingStoreEngine>;
}

async function freeBytesOf(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

function openFile(duckdb: Duckdb, { file, memoryBytes, threads }: DuckdbStoreOptions) {
  mkdirSync(dirname(file), { recursive: true });
  const extensionDir = join(dirname(file), "extensions");
  return openDatabase(duckdb, { file, memoryBytes, threads, tempDir: `${file}.tmp`, extensionDir });
}

/** Runs something while no transaction of the writer runs. */
async function settledBetween<T>(writer: Writer, run: () => Promise<T>): Promise<T> {
  const settled = Promise.withResolvers<T>();
  await writer.between(() => run().then(settled.resolve, settled.reject));
  return settled.promise;
}
