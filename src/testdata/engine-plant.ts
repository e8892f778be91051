import { expect } from "bun:test";
import type { Transition } from "../domain/alert.ts";
import type { Dialect, WriteResult } from "../domain/engine.ts";
import { AppError } from "../domain/error.ts";
import type { ControlFrame } from "../domain/log-frame.ts";
import type { LedgerDelta, RelationalBatch, StoreBatch } from "../domain/reading.ts";
import type { CompiledRule } from "../domain/rule.ts";
import type { SeriesEntry } from "../domain/series.ts";
import { EngineCore, type EngineSettings } from "../engine-core.ts";
import { bodyOf } from "../ingest/scan/testdata/binary-line.ts";
import { manualClock } from "../lib/clock.ts";
import { silentLogger } from "../lib/logger.ts";
import { DEFAULT_LOG_SETTINGS } from "../log/index.ts";
import { type SimulatedDisk, simulatedDisk } from "../log/testdata/simulated-disk.ts";
import { DEFAULT_WINDOW_SETTINGS } from "../windows/index.ts";
import { ModelStore } from "../windows/testdata/model-store.ts";

export const BASE_US = 1_700_000_100e6;
export const SETTINGS: EngineSettings = {
  log: { ...DEFAULT_LOG_SETTINGS, diskFloorBytes: 0, keepBytes: 0, segmentBytes: 2_000 },
  windows: DEFAULT_WINDOW_SETTINGS,
  maxSeries: 1_000,
  maxSeriesPerTenant: 1_000,
  pendingBytes: 1_000_000,
  unappliedRows: 1_000_000,
  maxBehindUs: 24 * 3_600e6,
  snapshotBytes: 500,
};

/** The consumers and the disk of an engine; they outlive it, as they do in a crash. */
export class Plant {
  disk: SimulatedDisk = simulatedDisk();
  readonly clock = manualClock(BASE_US);
  /** How far the machine's clock was set; no time passes while it is. */
  jumpedUs = 0;
  readonly store = new ModelStore();
  storeSequence = 0;
  relationalSequence = 0;
  readonly transitions: Transition[] = [];
  readonly ledger: Record<string, number> = {};
  readonly series = new Map<number, SeriesEntry>();
  readonly failures: string[] = [];
  /** Batches that a consumer has not got round to. */
  private waitingStore: StoreBatch[] = [];
  private waitingRelational: RelationalBatch[] = [];
  isLagging = false;
  /** The store of readings takes nothing; the relational one goes on. */
  isStoreAway = false;
  core: EngineCore | undefined;
  private readonly writes = new Map<number, (result: WriteResult | AppError) => void>();
  private nextId = 1;
  private epoch = 0;

  nowUs(): number {
    return this.clock.nowUs() + this.jumpedUs;
  }

  async start(settings: Partial<EngineSettings> = {}): Promise<EngineCore> {
    const epoch = ++this.epoch;
    // A process that has died says nothing more.
    const alive = () => epoch === this.epoch;
    const core: EngineCore = new EngineCore({
      logDir: "/log",
      snapshotDir: "/snapshots",
      cursors: { storeSequence: this.storeSequence, relationalSequence: this.relationalSequence },
      settings: { ...SETTINGS, ...settings },
      disk: this.disk,
      clock: { ...this.clock, nowUs: () => this.nowUs() },
      logger: silentLogger,
      turn: () => Promise.resolve(),
      outputs: {
        acks: ({ sequence, ids, counts, errors }) => {
          for (const [i, id] of ids.entries())
            this.writes.get(id)?.({
              sequence,
              lines: counts[i * 3] ?? 0,
              readings: counts[i * 3 + 1] ?? 0,
              rejectedLines: counts[i * 3 + 2] ?? 0,
              errors: errors.find((e) => e.id === id)?.errors ?? [],
            });
        },
        refused: (ids, message) => {
          for (const id of ids) this.writes.get(id)?.(new AppError("unavailable", message));
        },
        store: (batch) => void (alive() && this.waitingStore.push(batch)),
        relational: (batch) => void (alive() && this.waitingRelational.push(batch)),
        state: () => undefined,
        failure: (message) => void this.failures.push(message),
      },
    });
    this.core = core;
    await core.start();
    return core;
  }

  /** Consumers apply what they were sent, in the transaction that moves their cursor. */
  consume(): void {
    if (this.isLagging) return;
    for (const batch of this.isStoreAway ? [] : this.waitingStore.splice(0)) {
      if (batch.sequence > this.storeSequence) {
        expect(batch.firstSequence).toBe(this.storeSequence + 1);
        this.store.apply(batch);
        for (const entry of batch.newSeries) this.series.set(entry.seriesNo, entry);
        this.storeSequence = batch.sequence;
      }
      this.core?.storeApplied(this.storeSequence);
    }
    for (const batch of this.waitingRelational.splice(0)) {
      if (batch.sequence > this.relationalSequence) {
        this.transitions.push(...batch.transitions);
        for (const delta of batch.ledger) this.count(delta);
        this.relationalSequence = batch.sequence;
      }
      this.core?.relationalApplied(this.relationalSequence);
    }
  }

  private count(delta: LedgerDelta): void {
    for (const key of [
      "received",
      "fresh",
      "duplicates",
      "overwrites",
      "late",
      "rejected",
      "ignored",
    ] as const)
      this.ledger[key] = (this.ledger[key] ?? 0) + (delta[key] ?? 0);
  }

  write(
    text: string | Uint8Array<ArrayBuffer>,
    dialect: Dialect = "influx",
    sourceNo = 1,
    isHistory = false,
  ): Promise<WriteResult | AppError> {
    return new Promise((resolve) => {
      const id = this.nextId++;
      this.writes.set(id, resolve);
      const body = bodyOf(text).buffer;
      const request = {
        tenantNo: 1,
        sourceNo,
        dialect,
        precision: "us",
        receivedAtUs: this.nowUs(),
        isHistory,
        yieldsToLive: isHistory,
        keepsGoodLines: isHistory,
        body,
      } as const;
      this.core?.write([{ id, request }]);
    });
  }

  /** The machine loses its power: of what was not flushed so many bytes remain. */
  async crash(keptBytes: number, settings: Partial<EngineSettings> = {}): Promise<void> {
    this.core = undefined;
    this.disk.losePower(keptBytes);
    this.disk = this.disk.copy();
    this.waitingStore = [];
    this.waitingRelational = [];
    this.writes.clear();
    await this.start(settings);
  }

  async finish(): Promise<void> {
    this.isLagging = false;
    this.isStoreAway = false;
    this.clock.advanceMs(3_600_000);
    const drained = this.core?.drain();
    let isDrained = false;
    void drained?.then(() => {
      isDrained = true;
    });
    for (let i = 0; i < 50 || !isDrained; i++) {
      await Promise.resolve();
      this.consume();
    }
    await drained;
    this.clock.advanceMs(1_000);
    await this.settle();
  }

  async settle(): Promise<void> {
    for (let i = 0; i < 20; i++) {
      await Promise.resolve();
      this.consume();
    }
  }
}

/** A rule on the first three series. */
export const rule = (over: Partial<CompiledRule>): ControlFrame => ({
  kind: "rule",
  rule: {
    ruleId: "hot",
    version: 1,
    tenantNo: 1,
    severity: "critical",
    op: "above",
    threshold: 50,
    clear: 40,
    holdUs: 2e6,
    seriesNos: [1, 2, 3],
    ...over,
  },
});

/** A line of the series, its time in µs. */
export const line = (series: number, atUs: number, value: number) =>
  `m,asset=a${series} v=${value} ${atUs}\n`;
