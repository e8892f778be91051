import { expect } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { arrayBytes, bodyOf } from "../../src/ingest/scan/testdata/binary-line.ts";
import { createRandom } from "../../src/lib/random.ts";
import { temporaryFolder } from "../services/temporary-folder.ts";
import { pause, waitFor } from "../services/wait.ts";
import { inspect, type Server, startServer } from "../system/harness.ts";
import { addTenant, type Tenant } from "../system/plant.ts";
import {
  ASSETS,
  bucketCounts,
  DAY_US,
  expectedOf,
  type SealBatch,
  sealBatches,
} from "./sealing-workload.ts";

const ENV = {
  FORESIGHT_SEAL_AFTER_SECONDS: "0",
  FORESIGHT_SEAL_EVERY_SECONDS: "1",
  FORESIGHT_SEAL_MERGE_SECONDS: "1",
};

type Run = {
  server: Server;
  tenant: Tenant;
  /** Whether the load is over. */
  isOver: boolean;
  /** Says that retention may take the days that are too old. */
  mayRetain: boolean;
};

/** Until it is acknowledged; what a kill left open is sent again. */
async function insist(run: Run, send: (tenant: Tenant) => Promise<{ status: number }>) {
  await waitFor(
    "an answer",
    () =>
      send(run.tenant).then(
        ({ status }) => status < 300,
        // The server is being killed or starts again.
        () => false,
      ),
    60_000,
    20,
  );
}

async function sendAll(run: Run, batches: readonly SealBatch[], pauseMs: number): Promise<void> {
  for (const { readings, waveforms } of batches) {
    const lines = readings.map((one) => `m,asset=${one.asset} value=${one.value} ${one.atUs}`);
    await insist(run, ({ device }) => device.write(lines.join("\n")));
    const parts = waveforms.flatMap(({ asset, atUs, samples }) => [
      ...[`m,asset=${asset} wave=`, arrayBytes(samples), ` ${atUs}t\n`],
    ]);
    const init = { body: bodyOf(...parts) };
    // A path without `db` is QuestDB's dialect.
    await insist(run, ({ device }) => device.request("POST", "/write?precision=us", init));
    await pause(pauseMs);
  }
}

const policyOf = () => ({
  classes: [{ name: "default", keepDays: { raw: 2, "5m": 365, "1h": 365, "1d": null } }],
  ...{ byAssetType: {}, bySensor: {} },
});

/** Kills at random moments while days are sealed, merged and dropped. */
async function killRepeatedly(run: Run, seed: number, kills: number): Promise<number> {
  const random = createRandom(seed);
  let done = 0;
  for (; done < kills; done++) {
    await pause(150 + random.int(1200));
    await run.server.kill();
    run.server = await startServer({ data: run.server.data, port: run.server.port, env: ENV });
  }
  return done;
}

async function retainMeanwhile(run: Run): Promise<void> {
  while (!run.isOver) {
    const path = `/api/v1/retention/${run.tenant.id}/runs`;
    // A kill in the middle of it is what is tested.
    if (run.mayRetain) await run.tenant.admin.post(path).catch(() => undefined);
    await pause(100);
  }
}

async function seriesNos(tenant: Tenant): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  await waitFor("every series", async () => {
    const { body } = await tenant.admin.get(`/api/v1/series/${tenant.id}?limit=100`);
    for (const one of body.items as { seriesNo: number; assetKey: string; field: string }[])
      found.set(`${one.assetKey} ${one.field}`, one.seriesNo);
    return found.size === 2 * ASSETS.length;
  });
  return found;
}

/** An answer of a series' own address. */
async function read(tenant: Tenant, no: number, path: string) {
  const { status, body } = await tenant.admin.get(`/api/v1/series/${tenant.id}/${no}/${path}`);
  expect(status, `${path}: ${JSON.stringify(body)}`).toBe(200);
  return body;
}

async function checkAll(run: Run, batches: readonly SealBatch[], oldUs: number, keptUs: number) {
  const { tenant } = run;
  const expected = expectedOf(batches);
  const numbers = await seriesNos(tenant);
  const span = `fromUs=${oldUs}&toUs=${keptUs + 2 * DAY_US}`;
  for (const asset of ASSETS) {
    const readings = expected.readings.get(asset) ?? new Map<number, number>();
    const no = numbers.get(`${asset} value`) ?? 0;
    const raw = await read(tenant, no, `readings?${span}&tier=raw&maxPoints=20000`);
    const rolled = await read(tenant, no, `readings?${span}&tier=5m&maxPoints=20000`);
    const kept = [...readings].filter(([atUs]) => atUs >= keptUs).sort((a, b) => a[0] - b[0]);
    const found = (raw.atUs as number[]).map((atUs, i) => [atUs, raw.mean[i]]);
    expect(found, `readings of ${asset}`).toEqual(kept);
    const counts = (rolled.atUs as number[]).map((atUs, i) => [atUs, rolled.n[i]]);
    expect(counts, `buckets of ${asset}`).toEqual(bucketCounts(readings));
    const waveNo = numbers.get(`${asset} wave`) ?? 0;
    const list = await read(tenant, waveNo, `waveforms?${span}&limit=1000`);
    const waves = list.items as { atUs: number }[];
    const wanted = [...(expected.waveforms.get(asset) ?? [])].filter(([atUs]) => atUs >= keptUs);
    expect(waves.map(({ atUs }) => atUs).reverse(), `waveforms of ${asset}`).toEqual(
      wanted.map(([atUs]) => atUs).sort((a, b) => a - b),
    );
    for (const [atUs, samples] of wanted) {
      const one = await tenant.admin.get(`/api/v1/series/${tenant.id}/${waveNo}/waveforms/${atUs}`);
      expect(one.body.samples, `${asset} at ${atUs}`).toEqual([...samples]);
    }
  }
}

/** The lake's files are those that the store knows, and nothing else lies there. */
async function checkFolder(server: Server): Promise<void> {
  const { lake } = await inspect(server.data);
  const files = readdirSync(join(server.data, "lake"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== "series.parquet")
    .map(({ name }) => name);
  expect(files.filter((name) => !name.endsWith(".parquet"))).toEqual([]);
  expect(files.length).toBeGreaterThan(0);
  expect([files.length, lake.unreadable]).toEqual([lake.files, []]);
}

/**
 * Sends days that are over, in order and late, with waveforms, while they are sealed, merged and (the
 * older two) dropped, and kills the server at random moments. In the end everything is there once.
 */
export async function runSealing(seed: number, kills: number, each: number): Promise<void> {
  const todayUs = Math.floor((Date.now() * 1000) / DAY_US) * DAY_US;
  const keptUs = todayUs - 2 * DAY_US;
  const oldUs = keptUs - 2 * DAY_US;
  const server = await startServer({ data: `${temporaryFolder("sealing")}/data`, env: ENV });
  const tenant = await addTenant(server, "acme");
  const run: Run = { server, tenant, isOver: false, mayRetain: false };
  const put = { body: JSON.stringify(policyOf()), headers: { "content-type": "application/json" } };
  const set = await tenant.admin.request("PUT", `/api/v1/retention/acme`, put);
  expect(set.status).toBe(200);
  const old = sealBatches(seed, [oldUs, oldUs + DAY_US], each, false);
  const late = sealBatches(seed + 1, [keptUs, keptUs + DAY_US], each, true);
  const load = async () => {
    await sendAll(run, old, 20);
    // A reading that came again for a dropped day would be new.
    run.mayRetain = true;
    await sendAll(run, late, 40);
  };
  const retaining = retainMeanwhile(run);
  const [done] = await Promise.all([killRepeatedly(run, seed, kills), load()]);
  expect(done).toBe(kills);
  run.isOver = true;
  await retaining;
  const span = `fromUs=${oldUs}&toUs=${keptUs}&tier=raw`;
  const [no] = [...(await seriesNos(tenant)).values()];
  await waitFor("the old days to go", async () => {
    await tenant.admin.post(`/api/v1/retention/acme/runs`);
    const { body } = await tenant.admin.get(`/api/v1/series/acme/${no}/readings?${span}`);
    const preview = await tenant.admin.get(`/api/v1/retention/acme/preview`);
    return body.atUs.length === 0 && preview.body.items.length === 0;
  });
  await run.server.stop();
  run.server = await startServer({ data: server.data, port: server.port, env: ENV });
  await checkAll(run, [...old, ...late], oldUs, keptUs);
  const log = await tenant.admin.get(`/api/v1/retention/acme/log`);
  const days = (log.body.items as { tier: string; fromUs: number }[]).map(
    ({ tier, fromUs }) => `${tier} ${(fromUs - oldUs) / DAY_US}`,
  );
  expect([...new Set(days)].sort()).toEqual(["raw 0", "raw 1", "waveform 0", "waveform 1"]);
  expect(run.server.output()).not.toContain("does not know");
  await run.server.stop();
  await checkFolder(run.server);
}
