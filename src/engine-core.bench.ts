import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EngineCore } from "./engine-core.ts";
import { systemClock } from "./lib/clock.ts";
import { silentLogger } from "./lib/logger.ts";
import { DEFAULT_LOG_SETTINGS, systemDisk } from "./log/index.ts";
import { DEFAULT_WINDOW_SETTINGS } from "./windows/index.ts";

/**
 * Scan, durable log and fold on one thread, a rule on every series, no HTTP and no store; then a start
 * that replays all of it. One JSON line each: `bun src/engine-core.bench.ts [folder]`.
 */
const SENSORS = [
  "vibration",
  "temperature",
  "pressure",
  "flow",
  "current",
  "speed",
  "torque",
  "volt",
];
const LINES = 20_000;
const REQUESTS = 250;

const folder = mkdtempSync(join(process.argv[2] ?? tmpdir(), "engine-bench-"));
const print = (row: Record<string, unknown>) => process.stdout.write(`${JSON.stringify(row)}\n`);

function coreOf(): EngineCore {
  const core: EngineCore = new EngineCore({
    logDir: join(folder, "log"),
    snapshotDir: join(folder, "snapshots"),
    cursors: { storeSequence: 0, relationalSequence: 0 },
    settings: {
      log: DEFAULT_LOG_SETTINGS,
      windows: DEFAULT_WINDOW_SETTINGS,
      maxSeries: 2_000_000,
      maxSeriesPerTenant: 2_000_000,
      pendingBytes: 1 << 30,
      unappliedRows: 8_000_000,
      maxBehindUs: 24 * 3_600e6,
      snapshotBytes: 32 << 20,
    },
    disk: systemDisk,
    clock: systemClock,
    logger: silentLogger,
    turn: () => new Promise((resolve) => setImmediate(resolve)),
    outputs: {
      acks: () => undefined,
      refused: (_ids, message) => print({ bench: "engine", refused: message }),
      store: ({ sequence }) => queueMicrotask(() => core.storeApplied(sequence)),
      relational: ({ sequence }) => queueMicrotask(() => core.relationalApplied(sequence)),
      state: () => undefined,
      failure: (message) => print({ bench: "engine", failure: message }),
    },
  });
  return core;
}

function bodyOf(request: number): ArrayBuffer {
  const lines = Array.from({ length: LINES }, (_, i) => {
    const at = request * LINES + i;
    const sensor = SENSORS[Math.floor(at / 1_000) % 8];
    const value = ((Math.imul(at, 2654435761) >>> 0) / 2 ** 32) * 10;
    const seconds = 1_700_000_000 + Math.floor(at / 8_000);
    return `readings,asset=A${at % 1_000},sensor=${sensor} value=${value.toFixed(3)} ${seconds}000000000\n`;
  });
  return new TextEncoder().encode(lines.join("")).slice().buffer;
}

function write(core: EngineCore, id: number, body: ArrayBuffer): void {
  const receivedAtUs = systemClock.nowUs();
  const request = {
    tenantNo: 1,
    sourceNo: 1,
    dialect: "influx",
    precision: "ns",
    receivedAtUs,
    body,
  } as const;
  core.write([{ id, request }]);
}

const bodies = Array.from({ length: REQUESTS }, (_, request) => bodyOf(request));
const [first, ...rest] = bodies;
const core = coreOf();
await core.start();
if (first) write(core, 0, first);
await core.drain();
const seriesNos = Array.from({ length: 8_000 }, (_, i) => i + 1);
const rule = { ruleId: "r", version: 1, tenantNo: 1, severity: "warning", op: "above" } as const;
await core.control([
  { kind: "rule", rule: { ...rule, threshold: 9.9, clear: 9, holdUs: 2e6, seriesNos } },
]);
const cpu = process.cpuUsage();
const startedMs = performance.now();
for (const [index, body] of rest.entries()) {
  write(core, index + 1, body);
  if (index % 4 === 3) await new Promise((resolve) => setImmediate(resolve));
}
await core.drain();
const seconds = (performance.now() - startedMs) / 1000;
const used = process.cpuUsage(cpu);
const readings = rest.length * LINES;
print({
  bench: "engine",
  millionReadingsPerSecond: Number((readings / seconds / 1e6).toFixed(2)),
  cpuSecondsPerMillion: Number(((used.user + used.system) / readings).toFixed(3)),
  logBytesPerReading: Number((core.stats().logBytes / core.stats().readingsAccepted).toFixed(2)),
  rssMb: Math.round(process.memoryUsage().rss / 1e6),
});
await core.stop();
const again = coreOf();
const replayMs = performance.now();
await again.start();
const replaySeconds = (performance.now() - replayMs) / 1000;
print({
  bench: "replay",
  readings: again.stats().readingsAccepted,
  millionReadingsPerSecond: Number(
    (again.stats().readingsAccepted / replaySeconds / 1e6).toFixed(2),
  ),
});
await again.stop();
rmSync(folder, { recursive: true });
