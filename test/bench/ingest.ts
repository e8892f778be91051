import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { waitFor } from "../services/wait.ts";
import { apiClient } from "../system/api-client.ts";
import { createToken, inspect, type Server, setUpTenant, startServer } from "../system/harness.ts";
import type { Load, LoadResult } from "./loader.ts";

const SENSORS = [
  "vibration",
  "temperature",
  "current",
  "speed",
  "flow",
  "pressure",
  "level",
  "noise",
];
const ASSETS = 1_000;
const RUNS = 5;

/** CPU seconds of a process and of those it started, and its peak memory. */
function usageOf(pid: number): { cpuS: number; peakMb: number } {
  const pids = [pid, ...childrenOf(pid)];
  const cpuS = pids.reduce((sum, own) => sum + cpuOf(own), 0);
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const peakKb = Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0);
  return { cpuS, peakMb: peakKb / 1024 };
}

function childrenOf(pid: number): number[] {
  const own = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ");
  return own
    .filter(Boolean)
    .map(Number)
    .flatMap((child) => [child, ...childrenOf(child)]);
}

function cpuOf(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return 0; // ended meanwhile
  }
}

async function runLoader(load: Load): Promise<LoadResult> {
  const child = Bun.spawn([process.execPath, join(import.meta.dir, "loader.ts")], {
    stdin: new TextEncoder().encode(JSON.stringify(load)),
    stdout: "pipe",
    stderr: "inherit",
  });
  const text = await new Response(child.stdout).text();
  if ((await child.exited) !== 0) throw new Error("the loader failed");
  return JSON.parse(text) as LoadResult; // written by loader.ts
}

/** Makes 1,000 assets with 8 sensors each known, and puts a threshold rule on every one. */
async function prepare(server: Server, token: string, admin: string): Promise<number> {
  const api = apiClient(server.url, admin);
  const sources = await api.get("/api/v1/sources/acme");
  for (const source of sources.body.items)
    await api.patch(`/api/v1/sources/acme/${source.id}`, { autoAdopt: true });
  for (const sensorName of SENSORS) {
    const made = await api.post("/api/v1/rules/acme", {
      ...{
        name: `High ${sensorName}`,
        severity: "warning",
        op: "above",
        threshold: 100,
        clear: 95,
      },
      ...{ holdMs: 60_000, scope: { kind: "type", sensorName } },
    });
    if (made.status !== 201) throw new Error(`no rule: ${JSON.stringify(made.body)}`);
  }
  const startS = Math.floor(Date.now() / 1000) - 86_400 * 30;
  const load = { port: server.port, token, assets: ASSETS, sensors: SENSORS };
  await runLoader({ ...load, linesPerBatch: 1_000, batches: 8, connections: 1, startS });
  await waitFor(
    "a rule on every series",
    async () => {
      const { body } = await api.get("/api/v1/rules/acme");
      const covered = body.items.reduce(
        (sum: number, r: { seriesCount: number }) => sum + r.seriesCount,
        0,
      );
      return covered === ASSETS * SENSORS.length || undefined;
    },
    300_000,
  );
  return startS;
}

/** Readings that came at or before their series' newest, as connections overtake each other. */
async function lateOf(server: Server, admin: string): Promise<number> {
  const { body } = await apiClient(server.url, admin).get("/api/v1/sources/acme");
  return body.items.reduce(
    (sum: number, one: { ledger: { late: number } }) => sum + one.ledger.late,
    0,
  );
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

const round = (value: number, digits: number) => Number(value.toFixed(digits));

/**
 * Readings a second through the compiled program: 5,000-line batches over 4 connections, 8,000 series,
 * windows on and a rule on each. Acknowledged: flushed to disk. Sustained: until the store and the
 * buckets hold every reading.
 */
export async function benchIngest(print: (line: object) => void, lines = 4_000_000): Promise<void> {
  const data = mkdtempSync(join(tmpdir(), "bench-"));
  await setUpTenant(data, "acme");
  const token = await createToken(data, "acme", "write");
  const admin = await createToken(data, "acme", "admin");
  const server = await startServer({ data });
  try {
    let startS = (await prepare(server, token, admin)) + 1;
    const results: Record<string, number>[] = [];
    for (let run = 0; run < RUNS; run++) {
      const before = await inspect(data);
      const lateBefore = await lateOf(server, admin);
      const usage = usageOf(server.pid);
      const startedAt = performance.now();
      const linesPerBatch = 5_000;
      const load = { port: server.port, token, assets: ASSETS, sensors: SENSORS, linesPerBatch };
      const sent = await runLoader({
        ...load,
        batches: lines / linesPerBatch,
        connections: 4,
        startS,
      });
      const loaderS = (performance.now() - startedAt) / 1000;
      const after = await inspect(data);
      const settleS = (performance.now() - startedAt) / 1000 - loaderS;
      startS += Math.ceil(lines / (ASSETS * SENSORS.length)) + 1;
      if (after.readings - before.readings !== lines)
        throw new Error(
          `sent ${lines} readings, the store has ${after.readings - before.readings} more`,
        );
      const used = usageOf(server.pid);
      const result = {
        acknowledgedPerS: Math.round(lines / sent.seconds),
        sustainedPerS: Math.round(lines / (sent.seconds + settleS)),
        p50Ms: round(quantile(sent.latenciesMs, 0.5), 1),
        p99Ms: round(quantile(sent.latenciesMs, 0.99), 1),
        cpuSPerMillion: round(((used.cpuS - usage.cpuS) / lines) * 1e6, 3),
        rssPeakMb: Math.round(used.peakMb),
        refused: sent.refused,
        latePercent: round((((await lateOf(server, admin)) - lateBefore) / lines) * 100, 2),
      };
      results.push(result);
      print({ bench: "ingest", run, lines, ...result });
    }
    const median = Object.fromEntries(
      Object.keys(results[0] ?? {}).map((key) => [
        key,
        quantile(
          results.map((r) => r[key] ?? 0),
          0.5,
        ),
      ]),
    );
    const machine = `${cpus().length} × ${cpus()[0]?.model.trim()}`;
    print({
      bench: "ingest",
      median: true,
      series: ASSETS * SENSORS.length,
      lines,
      ...median,
      machine,
    });
  } finally {
    await server.stop();
    rmSync(data, { recursive: true });
  }
}
