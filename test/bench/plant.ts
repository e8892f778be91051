import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { waitFor } from "../services/wait.ts";
import { apiClient } from "../system/api-client.ts";
import { createToken, type Server, setUpTenant, startServer } from "../system/harness.ts";
import type { Load } from "./lines.ts";
import { READY, type Send, type Sent } from "./loader.ts";

export const SENSORS = [
  "vibration",
  "temperature",
  "current",
  "speed",
  "flow",
  "pressure",
  "level",
  "noise",
];
export const ASSETS = 1_000;

/** A server of the compiled program with one tenant, made for a bench. */
export type Plant = {
  readonly server: Server;
  readonly writeToken: string;
  readonly adminToken: string;
  stop(): Promise<void>;
};

/** Makes a plant in a folder and starts its server; the folder stays when the server is stopped. */
export async function openBenchPlant(
  data: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Omit<Plant, "stop">> {
  await setUpTenant(data, "acme");
  const writeToken = await createToken(data, "acme", "write");
  const adminToken = await createToken(data, "acme", "admin");
  return { server: await startServer({ data, env }), writeToken, adminToken };
}

/** The same in a folder of its own, which goes with it. */
export async function startBenchPlant(env: Readonly<Record<string, string>> = {}): Promise<Plant> {
  const data = mkdtempSync(join(tmpdir(), "bench-"));
  const plant = await openBenchPlant(data, env);
  return {
    ...plant,
    async stop() {
      await plant.server.stop();
      rmSync(data, { recursive: true });
    },
  };
}

/** Where and how a load goes to a plant's server. */
export function target(
  plant: Pick<Plant, "server" | "writeToken">,
): Pick<Send, "port" | "path" | "headers"> {
  return {
    port: plant.server.port,
    path: "/api/v2/write?bucket=bench&precision=ns",
    headers: [`Authorization: Token ${plant.writeToken}`],
  };
}

/**
 * Runs the loader as a process of its own.
 * @param onReady is called when the load is made and sending starts.
 * @throws when a request was refused for good.
 */
export async function runLoader(send: Send, onReady: () => void = () => {}): Promise<Sent> {
  const child = Bun.spawn([process.execPath, join(import.meta.dir, "loader.ts")], {
    stdin: new TextEncoder().encode(JSON.stringify(send)),
    stdout: "pipe",
    stderr: "inherit",
  });
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of child.stdout) {
    const wasReady = text.startsWith(READY);
    text += decoder.decode(chunk, { stream: true });
    if (!wasReady && text.startsWith(READY)) onReady();
  }
  if ((await child.exited) !== 0) throw new Error("the loader failed");
  return JSON.parse(text.slice(READY.length)) as Sent; // written by loader.ts
}

/** Makes the load's series known, one reading each, and puts a threshold rule on every one. */
export async function knowSeries(
  plant: Omit<Plant, "stop">,
  load: Pick<Load, "shape" | "assets" | "startS">,
): Promise<void> {
  const api = apiClient(plant.server.url, plant.adminToken);
  const sources = await api.get("/api/v1/sources/acme");
  for (const source of sources.body.items)
    await api.patch(`/api/v1/sources/acme/${source.id}`, { autoAdopt: true });
  await makeRules(plant);
  const lines = load.shape === "wide" ? load.assets : load.assets * SENSORS.length;
  const first = { ...load, sensors: SENSORS, lines, linesPerBatch: 1_000 };
  await runLoader({ ...target(plant), connections: 1, load: first });
  await waitFor(
    "a rule on every series",
    async () => {
      const { body } = await api.get("/api/v1/rules/acme");
      const covered = body.items.reduce(
        (sum: number, rule: { seriesCount: number }) => sum + rule.seriesCount,
        0,
      );
      return covered >= load.assets * SENSORS.length || undefined;
    },
    1_800_000,
    1_000,
  );
}

async function makeRules(plant: Omit<Plant, "stop">): Promise<void> {
  const api = apiClient(plant.server.url, plant.adminToken);
  const { body } = await api.get("/api/v1/rules/acme");
  if (body.items.length > 0) return;
  for (const sensorName of SENSORS) {
    const made = await api.post("/api/v1/rules/acme", {
      name: `High ${sensorName}`,
      severity: "warning",
      op: "above",
      threshold: 100,
      clear: 95,
      holdMs: 60_000,
      scope: { kind: "type", sensorName },
    });
    if (made.status !== 201) throw new Error(`no rule: ${JSON.stringify(made.body)}`);
  }
}

/** Readings that came at or before their series' newest. */
export async function lateOf(plant: Plant): Promise<number> {
  const api = apiClient(plant.server.url, plant.adminToken);
  const { body } = await api.get("/api/v1/sources/acme");
  return body.items.reduce(
    (sum: number, one: { ledger: { late: number } }) => sum + one.ledger.late,
    0,
  );
}
