import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Config } from "./config.ts";
import { type Consumer, createConsumer } from "./consumer.ts";
import { type DataFolder, derivedKey, ownerName } from "./data-folder.ts";
import { SLOT_LAST_AT_US, SLOT_LAST_VALUE, STATE_SLOTS } from "./domain/engine.ts";
import { AppError, reasonOf } from "./domain/error.ts";
import type { Learning } from "./domain/learning.ts";
import type { LineMapping } from "./domain/mapping-rule.ts";
import type { Operations } from "./domain/operation.ts";
import type { ReplayQuarantine } from "./domain/quarantine.ts";
import { COPY_SEQUENCE, type ReadingStore } from "./domain/reading-store.ts";
import type { BatchApplied, Relational } from "./domain/relational.ts";
import type { RetentionService } from "./domain/retention.ts";
import { type EngineClient, startEngine } from "./engine-client.ts";
import { createImports, type Imports } from "./imports.ts";
import { type Fleet, readFleets } from "./jobs/histories.ts";
import { createJobs, type Jobs } from "./jobs/index.ts";
import { createPredictionWork } from "./jobs/prediction-work.ts";
import { createLearning } from "./learning.ts";
import { type BlobStore, createFolderBlobStore } from "./lib/blob-store.ts";
import type { Clock } from "./lib/clock.ts";
import { createFileCheckpoints } from "./lib/file-checkpoints.ts";
import { createLiveHub, type LiveHub } from "./lib/live-hub.ts";
import type { Logger } from "./lib/logger.ts";
import type { S3Settings } from "./lib/s3-files.ts";
import { createSecretBox, readOrMakeKey } from "./lib/secret-box.ts";
import { createLineMapping } from "./line-mapping.ts";
import { createLogTeller, type LogTeller } from "./log-teller.ts";
import { unpackPostgres } from "./native/postgres.ts";
import { workerUrl } from "./native/worker-url.ts";
import { createOperations } from "./operations.ts";
import { createReplay } from "./quarantine-replay.ts";
import { openRelational } from "./relational/index.ts";
import { createRetention } from "./retention.ts";
import { createSampleRates } from "./sample-rates.ts";
import { createRemoteStore } from "./series/index.ts";
import { questdbAddressOf } from "./series/questdb/address.ts";
import { DEFAULT_WINDOW_SETTINGS } from "./windows/index.ts";

export type CoreDeps = {
  readonly config: Config;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Command that starts this program. */
  readonly self: readonly string[];
  readonly folder: DataFolder;
  /** What is being opened, for the page that is shown meanwhile. */
  readonly onStep: (step: string) => void;
  /** Something without which it cannot go on. */
  readonly onFailure: (message: string) => void;
};

/** Everything behind the web server: stores, engine, jobs, imports. */
export type Core = {
  readonly relational: Relational;
  readonly engine: EngineClient;
  readonly readings: ReadingStore;
  readonly blobs: BlobStore;
  readonly imports: Imports;
  readonly jobs: Jobs;
  readonly live: LiveHub;
  readonly operations: Operations;
  readonly consumer: Consumer;
  readonly learning: Learning;
  readonly retention: RetentionService;
  readonly replayQuarantine: ReplayQuarantine;
  readonly lineMapping: LineMapping;
  /** Histories of every fleet of a tenant as of a time. */
  readonly fleets: (tenantId: string, asOfUs: number) => Promise<Fleet[]>;
  /** Tells the log of rules, zones and closings it has not been told of. */
  readonly tellLog: () => Promise<void>;
  /** Newest reading of a series from shared memory. */
  lastValue(seriesNo: number): { readonly atUs: number; readonly value: number } | undefined;
  readonly tokenKey: Uint8Array;
  /** Stops in the order in which things depend on each other; legal to call twice. */
  close(): Promise<void>;
};

const LOG_SEGMENT_BYTES = 256 * 1024 * 1024;
const LOG_KEEP_US = 24 * 3_600_000_000;
/** The newest closed ones are read by who is a little behind; older ones are packed. */
const LOG_PLAIN_SEGMENTS = 1;
const UNAPPLIED_ROWS = 8_000_000;
const RETENTION_EVERY_MS = 3_600_000;
const SNAPSHOT_BYTES = 32 * 1024 * 1024;

function randomBytes(count: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(count));
}

/**
 * The installation's own key, made at the first start.
 * @throws AppError "unavailable" when the file is damaged: what it sealed cannot be opened without it.
 */
function installationKey(path: string): Uint8Array {
  try {
    return readOrMakeKey(path, randomBytes);
  } catch (cause) {
    throw new AppError("unavailable", reasonOf(cause), { cause });
  }
}

async function openPostgres(deps: CoreDeps, key: Uint8Array): Promise<Relational> {
  const { config, folder } = deps;
  const place =
    config.databaseUrl === ""
      ? {
          kind: "embedded" as const,
          pgRoot: await unpackPostgres(folder.runtime),
          dataFolder: folder.root,
          tempFolder: tmpdir(),
          self: deps.self,
          uid: process.getuid?.() ?? 1,
        }
      : { kind: "server" as const, url: config.databaseUrl };
  return openRelational({
    clock: deps.clock,
    logger: deps.logger,
    newId: () => Bun.randomUUIDv7(),
    randomBytes,
    secretBox: createSecretBox(derivedKey(key, "secrets"), randomBytes),
    quarantineRows: config.quarantineRows,
    place,
  });
}

function lakeS3Of(config: Config): S3Settings | undefined {
  if (config.lakeS3Endpoint === "") return undefined;
  return {
    endpoint: config.lakeS3Endpoint,
    region: config.lakeS3Region,
    bucket: config.lakeS3Bucket,
    accessKey: config.lakeS3AccessKey,
    secretKey: config.lakeS3SecretKey,
    prefix: config.lakeS3Prefix,
  };
}

function openReadings(deps: CoreDeps, key: Uint8Array, enginePort: MessagePort) {
  return createRemoteStore({
    worker: new Worker(workerUrl("src/store.ts")),
    options: {
      dataDir: deps.folder.series,
      lakeDir: deps.folder.lake,
      lakeS3: lakeS3Of(deps.config),
      // Readings yield before writes have to be refused.
      leastFreeBytes: 2 * deps.config.diskFloorBytes,
      seal: {
        afterMs: 1000 * deps.config.sealAfterSeconds,
        everyMs: 1000 * deps.config.sealEverySeconds,
        mergeMs: 1000 * deps.config.sealMergeSeconds,
      },
      runtimeDir: deps.folder.runtime,
      memoryBytes: deps.config.duckdbMemoryBytes,
      threads: 1,
      owner: ownerName(key),
      ...(deps.config.seriesUrl === "" ? {} : { questdb: questdbAddressOf(deps.config.seriesUrl) }),
    },
    enginePort,
    logger: deps.logger,
    onFailure: deps.onFailure,
  });
}

/**
 * Opens PostgreSQL and the store of readings side by side, then the engine with the cursors of both.
 * @throws AppError when one of them cannot be opened; what was opened before is closed again.
 */
export async function openCore(deps: CoreDeps): Promise<Core> {
  const opened: (() => Promise<void>)[] = [];
  try {
    return await openParts(deps, opened);
  } catch (error) {
    await closeEach(opened.reverse(), deps.logger);
    throw error;
  }
}

async function openParts(deps: CoreDeps, opened: (() => Promise<void>)[]): Promise<Core> {
  const { clock, logger, config, folder } = deps;
  const key = installationKey(folder.keyFile);
  deps.onStep("opening the stores");
  const { port1, port2 } = new MessageChannel();
  const [stores, readings] = await openBoth(deps, key, port1, opened);
  const rates = await createSampleRates(stores.sources);
  const relational: Relational = { ...stores, sources: rates.sources };
  deps.onStep("reading the log");
  const live = createLiveHub({ clock, maxClients: config.liveClients });
  let engine: EngineClient | undefined;
  const running = (): EngineClient => {
    if (engine === undefined) throw new Error("the engine answered before it was made");
    return engine;
  };
  let tellSoon = () => {};
  const relationalSequence = await relational.cursor();
  await checkWhole(deps, relational, { store: readings.sequence, relational: relationalSequence });
  const early: Parameters<Consumer["push"]>[0][] = [];
  const consumer = createConsumer({
    relational,
    engine: running,
    clock,
    logger,
    startSequence: relationalSequence,
    onApplied: (applied) => afterBatch(applied, live, () => tellSoon()),
  });
  engine = await startEngine({
    port: new Worker(workerUrl("src/engine.ts")),
    start: engineStart(deps, { storeSequence: readings.sequence, relationalSequence }),
    storePort: port2,
    events: {
      // Batches of the replay wait until the engine can be answered.
      onRelationalBatch: (batch) =>
        engine === undefined ? void early.push(batch) : consumer.push(batch),
      onFailure: deps.onFailure,
    },
    logger,
    rated: rates.rated,
  });
  for (const batch of early) consumer.push(batch);
  const startedEngine = engine;
  opened.push(() => consumer.stop());
  opened.push(() => startedEngine.stop());
  const teller = createLogTeller({ relational, engine, reached: consumer.reached, clock, logger });
  opened.push(async () => teller.stop());
  tellSoon = teller.tellSoon;
  const tellLog = teller.tell;
  if (engine.isRebuilt) await relational.rules.forgetFramed();
  await tellLog();
  // A fold that began from nothing has its rules again and takes over the alerts that are open.
  if (engine.isRebuilt)
    await engine.control([{ kind: "alerts-adopted", open: await relational.alerts.openForFold() }]);
  const lineMapping = createLineMapping({ relational, engine });
  await lineMapping.apply();
  const parts = { key, relational, readings, engine, consumer, live, teller, lineMapping };
  return assemble(deps, parts);
}

/** One after the other; one that fails keeps nothing after it open. */
async function closeEach(
  steps: readonly (() => void | Promise<void>)[],
  logger: Logger,
): Promise<void> {
  for (const close of steps)
    try {
      await close();
    } catch (error) {
      logger.error("a part did not close cleanly", { reason: reasonOf(error) });
    }
}

const CLOSE_MS = 10_000;

/** A database that does not answer holds up nothing that the log makes good at the next start. */
async function within(clock: Clock, what: string, closing: Promise<void>): Promise<void> {
  const late = Promise.withResolvers<never>();
  const cancel = clock.after(CLOSE_MS, () =>
    late.reject(new AppError("unavailable", `${what} took longer than ${CLOSE_MS} ms to close`)),
  );
  await Promise.race([closing, late.promise]).finally(cancel);
}

/**
 * A part of the folder that was removed must not begin anew in silence.
 * @throws AppError "unavailable" when the relational store is empty although readings were taken.
 */
async function checkWhole(
  { folder, config, logger }: CoreDeps,
  relational: Relational,
  reached: { readonly store: number; readonly relational: number },
): Promise<void> {
  if (reached.store > 0 && (await relational.tenants.list()).length === 0) {
    const what = config.databaseUrl === "" ? folder.postgres : "the database";
    const [held, elsewhere] =
      config.seriesUrl === ""
        ? [`${folder.root} holds readings`, "in another folder"]
        : [
            "QuestDB holds readings in the tables that FORESIGHT_SERIES_URL names",
            "with other tables (&prefix=NAME in that setting)",
          ];
    throw new AppError(
      "unavailable",
      `${what} is empty although ${held}; put it back from a backup, or begin ${elsewhere}`,
    );
  }
  if (reached.store >= COPY_SEQUENCE)
    throw new AppError(
      "unavailable",
      "the copy into this store of readings was not finished; run foresight series copy again, or go back to the other store",
    );
  const where = config.seriesUrl === "" ? folder.series : "QuestDB";
  if (reached.store === 0 && reached.relational > 0)
    logger.error(
      `the store of readings in ${where} is empty although ${reached.relational} frames were stored before; ` +
        "what the log still holds is read again, what is older is gone unless you put it back",
    );
}

async function openBoth(
  deps: CoreDeps,
  key: Uint8Array,
  enginePort: MessagePort,
  opened: (() => Promise<void>)[],
) {
  const both = await Promise.allSettled([
    openPostgres(deps, key),
    openReadings(deps, key, enginePort),
  ]);
  const [relational, readings] = both;
  if (relational.status === "fulfilled") opened.push(() => relational.value.close());
  if (readings.status === "fulfilled") opened.push(() => readings.value.stop());
  if (relational.status === "rejected") throw relational.reason;
  if (readings.status === "rejected") throw readings.reason;
  return [relational.value, readings.value] as const;
}

function engineStart(
  { config, folder }: CoreDeps,
  cursors: { storeSequence: number; relationalSequence: number },
) {
  return {
    logDir: folder.log,
    snapshotDir: folder.snapshots,
    cursors,
    settings: {
      log: {
        segmentBytes: Math.min(LOG_SEGMENT_BYTES, Math.floor(config.logMaxBytes / 8)),
        maxBytes: config.logMaxBytes,
        keepBytes: config.logKeepBytes,
        keepUs: LOG_KEEP_US,
        plainSegments: LOG_PLAIN_SEGMENTS,
        diskFloorBytes: config.diskFloorBytes,
      },
      windows: { ...DEFAULT_WINDOW_SETTINGS, latenessUs: config.latenessMs * 1_000 },
      maxSeries: config.maxSeries,
      maxSeriesPerTenant: config.maxSeriesPerTenant,
      pendingBytes: config.pendingBytes,
      unappliedRows: UNAPPLIED_ROWS,
      maxBehindUs: config.logMaxHours * 3_600e6,
      snapshotBytes: SNAPSHOT_BYTES,
    },
  };
}

/** Tells open pages, and the log of what newly mapped series bring into force. */
function afterBatch(applied: BatchApplied, live: LiveHub, tellSoon: () => void): void {
  for (const change of [...applied.opened, ...applied.closed])
    live.changed(change.tenantId, "alerts");
  const found = [...applied.mapped, ...applied.inbox].map((one) => one.tenantId);
  for (const tenantId of new Set(found)) live.changed(tenantId, "inbox");
  if (applied.mapped.length > 0) tellSoon();
}

type Parts = {
  readonly key: Uint8Array;
  readonly relational: Relational;
  readonly readings: ReadingStore;
  readonly engine: EngineClient;
  readonly consumer: Consumer;
  readonly live: LiveHub;
  readonly teller: LogTeller;
  readonly lineMapping: LineMapping;
};

/** What people do with lines that were refused. */
function linesOf({ relational, engine, consumer, lineMapping }: Parts, clock: Clock) {
  const { reached } = consumer;
  return { lineMapping, replayQuarantine: createReplay({ ...relational, engine, clock, reached }) };
}

function openImports(
  { clock, logger, folder, self }: CoreDeps,
  { relational, engine, live, teller }: Parts,
  blobs: BlobStore,
): Imports {
  return createImports({
    ...{ relational, engine, blobs, clock, logger },
    checkpoints: createFileCheckpoints(join(folder.root, "imports")),
    command: self,
    tellLog: teller.tell,
    onChange: (tenantId) => live.changed(tenantId, "uploads"),
  });
}

async function assemble(deps: CoreDeps, parts: Parts): Promise<Core> {
  const { clock, logger, folder } = deps;
  const { relational, readings, engine, consumer, live, key } = parts;
  const { tell: tellLog, stop: stopTelling } = parts.teller;
  const blobs = createFolderBlobStore(folder.blobs);
  const imports = openImports(deps, parts, blobs);
  const learning = createLearning(
    () => new Worker(workerUrl("src/trainer.ts")),
    deps.config.trainerWorkers,
  );
  const history = { ...relational, mapping: relational.series, readings };
  const jobs = createJobs({
    sql: relational.sql,
    tenants: relational.tenants,
    jobRuns: relational.jobRuns,
    work: createPredictionWork({ ...history, learning }),
    clock,
    logger,
    onChange: (tenantId) => live.changed(tenantId, "jobs"),
  });
  // A QuestDB server drops old days by its own rules.
  const schedule = deps.config.seriesUrl === "" ? { everyMs: RETENTION_EVERY_MS } : {};
  const retention = createRetention({ relational, readings, clock, logger, ...schedule });
  const operations = createOperations({
    ...{ relational, engine, readings, clock },
    reached: consumer.reached,
    runJob: jobs.runToEnd,
    importFile: imports.importPath,
  });
  let closing: Promise<void> | undefined;
  const close = () =>
    closeEach(
      [
        () => live.close(),
        stopTelling,
        () => within(clock, "imports", imports.stop()),
        () => within(clock, "jobs", jobs.stop()),
        () => within(clock, "retention", retention.stop()),
        () => engine.stop(),
        () => consumer.stop(),
        () => readings.stop(),
        () => within(clock, "the relational store", relational.close()),
      ],
      logger,
    );
  return {
    ...{ relational, engine, readings, blobs, imports, jobs },
    ...{ live, operations, consumer, tellLog, learning, retention },
    ...linesOf(parts, clock),
    fleets: (tenantId, asOfUs) => readFleets(history, tenantId, asOfUs),
    tokenKey: derivedKey(key, "tokens"),
    lastValue: (seriesNo) => lastValueIn(engine.state(), seriesNo),
    close() {
      closing ??= close();
      return closing;
    },
  };
}

function lastValueIn(state: ArrayLike<number>, seriesNo: number) {
  const atUs = state[seriesNo * STATE_SLOTS + SLOT_LAST_AT_US];
  if (atUs === undefined || !(atUs > 0)) return undefined;
  return { atUs, value: state[seriesNo * STATE_SLOTS + SLOT_LAST_VALUE] ?? Number.NaN };
}
