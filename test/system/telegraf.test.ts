import { afterAll, beforeAll, expect } from "bun:test";
import { statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { need, testWith } from "../services/needs.ts";
import { findTelegraf, startTelegraf, type Telegraf } from "../services/telegraf.ts";
import { waitFor } from "../services/wait.ts";
import { snippetOf } from "./doc-snippets.ts";
import { binary, cleanEnv, type Server, startServer } from "./harness.ts";
import { readingsOf, seriesNoOf, startPlant, type Tenant } from "./plant.ts";

const START_US = 1_790_000_000_000_000;
const HOUR_US = 3_600_000_000;
const LIMIT_MS = 180_000;
const TIB = 1024 ** 4;
/** The least that may be set: a batch of 2,000 lines is larger. */
const BODY_BYTES = 64 * 1024;
const telegraf = findTelegraf();
/** Where the largest floor that may be set is more than there is, every write is answered with 503. */
const smallDisk = need(freeBytes() < TIB, "the disk has more free space than the largest floor");
const OUTPUTS = [
  ["v2", "Telegraf"],
  ["v1", "Telegraf, InfluxDB 1 output"],
] as const;
let server: Server;
let acme: Tenant;
let running: Telegraf | undefined;

function freeBytes(): number {
  const { bavail, bsize } = statfsSync(tmpdir());
  return bavail * bsize;
}

beforeAll(async () => {
  if (!binary.ok || !telegraf.ok) return;
  const plant = await startPlant(["acme"], { env: env(0) });
  server = plant.server;
  const [first] = plant.tenants;
  if (first === undefined) throw new Error("no tenant");
  acme = first;
}, 120_000);

afterAll(async () => {
  await running?.stop();
  await server?.stop();
});

function env(floorBytes: number): Record<string, string> {
  return {
    FORESIGHT_METRICS_TOKEN: "metrics",
    FORESIGHT_MAX_BODY_BYTES: String(BODY_BYTES),
    FORESIGHT_DISK_FLOOR_BYTES: String(floorBytes),
  };
}

/** Starts the server again at the same place. */
async function restart(floorBytes: number): Promise<void> {
  server = await startServer({ data: server.data, port: server.port, env: env(floorBytes) });
}

/** Telegraf with the output that the guide shows. */
async function start(heading: string, batchLines: number): Promise<Telegraf> {
  if (!telegraf.ok) throw new Error(telegraf.why);
  await running?.stop();
  const output = snippetOf(heading, "toml", server, acme.writeToken);
  running = startTelegraf(telegraf.value, output, batchLines, cleanEnv());
  return running;
}

/** Lines of one field whose value is their number, a second apart. */
function lines(field: string, from: number, count: number): string[] {
  return Array.from(
    { length: count },
    (_, i) => `pump,asset=P-101 ${field}=${from + i} ${START_US + (from + i) * 1_000_000}000`,
  );
}

/** The readings of a field, once there are so many. */
function stored(field: string, count: number): Promise<[number, number][]> {
  return waitFor(`${count} readings of ${field}`, async () => {
    const series = await seriesNoOf(acme, field);
    const found = await readingsOf(acme, series, START_US, START_US + HOUR_US);
    return found.length >= count && found;
  });
}

/** Writes that the server answered with 503, by its own count. */
async function refusals(): Promise<number> {
  const headers = { authorization: "Bearer metrics" };
  const text = await (await fetch(`${server.url}/metrics`, { headers })).text();
  return Number(/foresight_write_refusals_total\{reason="log"\} (\d+)/.exec(text)?.[1]);
}

const expected = (count: number): [number, number][] =>
  Array.from({ length: count }, (_, i) => [START_US + i * 1_000_000, i]);

const said = (client: Telegraf, text: RegExp) =>
  waitFor(`Telegraf to say ${text}`, () => text.test(client.said()) || undefined);

for (const [version, heading] of OUTPUTS) {
  testWith(binary, telegraf, smallDisk)(
    `Telegraf's output ${version} loses nothing to a server that is down, or has no room`,
    async () => {
      const field = `kept_${version}`;
      const client = await start(heading, 100);
      client.give(lines(field, 0, 300));
      expect(await stored(field, 300)).toEqual(expected(300));

      await server.kill();
      client.give(lines(field, 300, 500));
      await said(client, /connection refused/);
      await restart(TIB);
      client.give(lines(field, 800, 100));
      await said(client, /503 Service Unavailable/);
      // It may have been told so while the server started, too.
      await waitFor("a refusal for want of room", async () => (await refusals()) > 0);
      await server.stop();
      await restart(0);
      client.give(lines(field, 900, 100));
      expect(await stored(field, 1000)).toEqual(expected(1000));
      expect(client.said()).not.toMatch(/dropped/i);
    },
    LIMIT_MS,
  );

  testWith(binary, telegraf)(
    `Telegraf's output ${version} drops what we refuse, and what came with it is stored`,
    async () => {
      const field = `partial_${version}`;
      const client = await start(heading, 100);
      client.give(lines(field, 0, 1));
      await stored(field, 1);
      const text = `pump,asset=P-101 ${field}="a text" ${START_US + 9_000_000_000}000`;
      client.give([...lines(field, 1, 20), text, ...lines(field, 21, 20)]);
      await said(client, /will be dropped: 400 Bad Request.*partial write/s);
      client.give(lines(field, 41, 9));
      expect(await stored(field, 50)).toEqual(expected(50));
      const refused = await acme.admin.get("/api/v1/quarantine/acme?limit=100");
      const own = refused.body.items.filter((one: { line: string }) => one.line.includes(field));
      expect(own).toHaveLength(1);
    },
    LIMIT_MS,
  );
}

testWith(binary, telegraf)(
  "Telegraf's influxdb_v2 halves a batch that is too large until it fits",
  async () => {
    const client = await start("Telegraf", 4000);
    client.give(lines("halved", 0, 3000));
    expect(await stored("halved", 3000)).toEqual(expected(3000));
    expect(client.said()).toContain("request was too large (413)");
  },
  LIMIT_MS,
);

testWith(binary, telegraf)(
  "Telegraf creates its database and finds it",
  async () => {
    const client = await start("Telegraf, InfluxDB 1 output", 100);
    client.give(lines("created", 0, 1));
    expect(await stored("created", 1)).toEqual(expected(1));
    expect(client.said()).not.toMatch(/creation failed|E!/);
  },
  LIMIT_MS,
);
