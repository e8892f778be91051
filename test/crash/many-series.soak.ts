import { expect } from "bun:test";
import { createRandom, type Random } from "../../src/lib/random.ts";
import { memoryMbOf } from "../bench/processes.ts";
import { testWith } from "../services/needs.ts";
import { soakCount, soakLimitMs, soakSeed } from "../services/soak.ts";
import { pause, waitFor } from "../services/wait.ts";
import { binary, inspect, type Server, startServer } from "../system/harness.ts";
import { readingsOf, startPlant, type Tenant } from "../system/plant.ts";

const FIELDS = 8;
const LINES_PER_BATCH = 1_000;
const ROUNDS = 3;
const SAMPLES = 50;
const START_US = 1_790_000_000_000_000;
const SECOND_US = 1_000_000;
/** How many when the soak is bounded by seconds. */
const SERIES_BY_TIME = 20_000;
const LISTED_MS_MAX = 600_000;
const HANGS_AFTER_TRIES = 2_000;

const series = soakCount("series") ?? SERIES_BY_TIME;
const assets = Math.ceil(series / FIELDS);

const sentValue = (asset: number, field: number, round: number) =>
  ((asset * FIELDS + field) % 1_000) + round / 10;

const nameOf = (asset: number) => `A${String(asset).padStart(7, "0")}`;

function lineOf(asset: number, round: number): string {
  const most = Math.min(FIELDS, series - asset * FIELDS);
  const fields = Array.from({ length: most }, (_, f) => `f${f}=${sentValue(asset, f, round)}`);
  return `machine,asset=${nameOf(asset)} ${fields.join(",")} ${START_US + round * SECOND_US}`;
}

/** Sends until it is acknowledged: the server may be dying or starting meanwhile. */
async function send(tenant: Tenant, lines: string): Promise<void> {
  for (let tries = 0; tries < HANGS_AFTER_TRIES; tries++) {
    const answer = await tenant.device.write(lines).catch(() => undefined);
    if (answer?.status === 204) return;
    if (answer !== undefined && answer.status !== 503)
      throw new Error(`write answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    await pause(100);
  }
  throw new Error(`a batch was not acknowledged in ${HANGS_AFTER_TRIES} tries`);
}

/** Every round of all series, each in another order; the server is killed once on the way. */
async function sendAll(tenant: Tenant, random: Random, kill: () => Promise<void>): Promise<void> {
  const batches = Math.ceil(assets / LINES_PER_BATCH);
  const killAt = random.int(batches * ROUNDS);
  const all = Array.from({ length: assets }, (_, asset) => asset);
  for (let round = 0; round < ROUNDS; round++) {
    const order = random.shuffled(all);
    for (let batch = 0; batch < batches; batch++) {
      const own = order.slice(batch * LINES_PER_BATCH, (batch + 1) * LINES_PER_BATCH);
      const sent = send(tenant, own.map((asset) => lineOf(asset, round)).join("\n"));
      if (round * batches + batch === killAt) await kill();
      await sent;
    }
  }
}

/** Waits until the catalogue lists the series: it is behind the log by a while. */
function listedNo(tenant: Tenant, asset: number, field: number): Promise<number> {
  const path = `/api/v1/series/${tenant.id}?query=${nameOf(asset)}`;
  const look = async () => {
    const { body } = await tenant.admin.get(path);
    const items = body.items as { seriesNo: number; sensorName: string }[]; // documented form
    return items.find((one) => one.sensorName === `f${field}`)?.seriesNo;
  };
  return waitFor(`${nameOf(asset)} f${field} in the list`, look, LISTED_MS_MAX);
}

async function checkSamples(tenant: Tenant, random: Random): Promise<void> {
  for (let sample = 0; sample < SAMPLES; sample++) {
    const no = random.int(series);
    const [asset, field] = [Math.floor(no / FIELDS), no % FIELDS];
    const seriesNo = await listedNo(tenant, asset, field);
    // 503 while the store takes what came last.
    const found = await waitFor(
      "readings",
      () => readingsOf(tenant, seriesNo, START_US, START_US + ROUNDS * SECOND_US),
      LISTED_MS_MAX,
    );
    const expected = Array.from({ length: ROUNDS }, (_, round) => [
      START_US + round * SECOND_US,
      sentValue(asset, field, round),
    ]);
    expect(found, `${nameOf(asset)} f${field}`).toEqual(expected as [number, number][]);
  }
}

testWith(binary)(
  "a fleet of many series is taken in, through a kill, up to the limit and not beyond",
  async () => {
    const random = createRandom(soakSeed());
    const env = { FORESIGHT_MAX_SERIES_PER_TENANT: String(series) };
    const plant = await startPlant(["acme"], { env });
    let { server }: { server: Server } = plant;
    const [tenant] = plant.tenants;
    if (tenant === undefined) throw new Error("no tenant");
    const { data, port } = server;
    const startedMs = performance.now();
    await sendAll(tenant, random, async () => {
      await pause(random.int(50));
      await server.kill();
      server = await startServer({ data, port, env });
    });
    const beyond = await tenant.device.write(
      `machine,asset=${nameOf(0)} f0=1 1\nmachine,asset=new f0=1 1`,
    );
    expect(beyond.status).toBe(400);
    // It waits until the stores have all of it.
    const counts = await inspect(data, { limitMs: LISTED_MS_MAX * 3 });
    const seconds = Math.round((performance.now() - startedMs) / 1000);
    const memoryMb = Math.round(memoryMbOf(server.pid));
    expect(counts.series).toBe(series);
    expect(counts.readings).toBe(series * ROUNDS + 1);
    await checkSamples(tenant, random);
    expect(await server.stop()).toBe(0);
    process.stdout.write(
      `${series} series, ${ROUNDS} rounds, seed ${soakSeed()}: ${seconds} s, ${memoryMb} MB\n`,
    );
  },
  soakLimitMs("series", 3),
);
