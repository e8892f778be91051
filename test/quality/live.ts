import { join } from "node:path";
import { InfluxDB, Point } from "@influxdata/influxdb-client";
import type { Page } from "playwright-core";
import type { ModelCard } from "../../src/domain/model.ts";
import { openBrowser, openPage } from "../browser/open-browser.ts";
import { findChromium } from "../services/chromium.ts";
import { temporaryFolder } from "../services/temporary-folder.ts";
import { waitFor } from "../services/wait.ts";
import { binary, foresightOk, inspect, PASSWORD } from "../system/harness.ts";
import { addTenant, startPlant, type Tenant } from "../system/plant.ts";
import { type Fleet, type Machine, stepsOf } from "./fleet.ts";
import {
  assetsCsv,
  assetTypesCsv,
  type CsvFile,
  failedAtUs,
  failuresCsv,
  readingAtUs,
  STEP_US,
} from "./fleet-csv.ts";
import type { Answer } from "./score.ts";

const TENANT = "live";
const JOB_LIMIT_MS = 10 * 60_000;

/**
 * Sends a fleet through the compiled program as a plant would: readings as line protocol by a client of
 * InfluxDB, assets and failures by `foresight import`, jobs by the API; predictions are read from the
 * API and looked up on a page.
 */
export async function runLive(fleet: Fleet) {
  if (!binary.ok) throw new Error(binary.why);
  const { server } = await startPlant([]);
  try {
    const tenant = await addTenant(server, TENANT);
    const root = temporaryFolder("live");
    const bringIn = async (files: readonly CsvFile[]) => {
      for (const { name, text } of files) {
        const path = join(root, name);
        await Bun.write(path, text);
        await foresightOk(["import", "--data", server.data, "--tenant", TENANT, path]);
      }
    };
    const endUs = Math.floor((Date.now() * 1_000) / STEP_US) * STEP_US;
    const failedUs = failedAtUs(endUs);
    await bringIn([assetTypesCsv(fleet), ...assetsCsv(fleet.train, failedUs)]);
    await send(server.url, tenant, fleet.train, failedUs);
    await bringIn([failuresCsv(fleet.train, failedUs)]);
    await inspect(server.data); // waits until all that was acknowledged is stored
    await runJob(tenant, "train");
    await bringIn(assetsCsv(fleet.test, endUs));
    await send(server.url, tenant, fleet.test, endUs);
    const { readings } = await inspect(server.data);
    await runJob(tenant, "score");
    const read = await readBack(tenant, fleet);
    const shown = await onPage(server.url, read.soonest);
    return { answers: read.answers, card: read.card, hash: read.hash, readings, shown };
  } finally {
    await server.stop();
  }
}

async function send(url: string, tenant: Tenant, machines: readonly Machine[], endUs: number) {
  const options = { batchSize: 5_000, maxRetries: 0, maxBufferLines: 50_000 };
  const influx = new InfluxDB({ url, token: tenant.writeToken });
  const api = influx.getWriteApi("plant", "engines", "us", options);
  for (const machine of machines) {
    for (let step = 0; step < stepsOf(machine); step++) {
      const point = new Point("engine").tag("asset", machine.key);
      for (const [name, values] of machine.columns) point.floatField(name, values[step]);
      api.writePoint(point.timestamp(readingAtUs(machine, step, endUs)));
    }
    await api.flush(); // one request after the other, as a gateway sends
  }
  await api.close();
}

async function runJob(tenant: Tenant, job: "train" | "score"): Promise<void> {
  const begun = await tenant.admin.post(`/api/v1/job-runs/${tenant.id}`, { job });
  if (begun.status >= 300) throw new Error(`${job}: ${JSON.stringify(begun.body)}`);
  const run = await waitFor(
    `the job ${job}`,
    async () => {
      const answer = await tenant.admin.get(`/api/v1/job-runs/${tenant.id}?job=${job}&limit=1`);
      const [newest] = answer.body.items;
      return newest !== undefined && newest.status !== "running" ? newest : undefined;
    },
    JOB_LIMIT_MS,
    500,
  );
  if (run.status !== "succeeded") throw new Error(`${job}: ${JSON.stringify(run)}`);
}

/** The parts of the API's prediction that are used here. */
type ApiPrediction = {
  readonly id: string;
  readonly assetId: string;
  readonly fallback: boolean;
  readonly unit: string;
  readonly remaining: number;
  readonly remainingLow: number;
  readonly remainingHigh: number;
};

type Soonest = ApiPrediction & { readonly key: string };

async function readBack({ admin, id }: Tenant, fleet: Fleet) {
  const assets = new Map<string, string>();
  let query = "limit=200";
  for (let more = true; more; ) {
    const { body } = await admin.get(`/api/v1/assets/${id}?${query}`);
    for (const asset of body.items) assets.set(asset.key, asset.id);
    more = typeof body.next === "string";
    query = `limit=200&after=${body.next}`;
  }
  const items: ApiPrediction[] = (await admin.get(`/api/v1/predictions/${id}`)).body.items;
  const own = fleet.test.map(({ key }) => {
    const found = items.find((one) => one.assetId === assets.get(key));
    if (found === undefined || found.fallback) throw new Error(`${key} has no model's prediction`);
    return { ...found, key };
  });
  const models = (await admin.get(`/api/v1/models/${id}`)).body.items;
  const champion = models.find((model: { stage: string }) => model.stage === "champion");
  const card: ModelCard = champion.metrics.card;
  const [soonest] = [...own].sort((a, b) => a.remaining - b.remaining);
  if (soonest === undefined) throw new Error("there are no test machines");
  const answers = own.map(
    ({ remaining, remainingLow: low, remainingHigh: high }): Answer => ({ remaining, low, high }),
  );
  return { answers, card, hash: String(champion.hash), soonest };
}

/** Looks the soonest failure up on the pages; returns what its page says of the time left. */
async function onPage(url: string, soonest: Soonest): Promise<string> {
  const chromium = findChromium();
  if (!chromium.ok) throw new Error(chromium.why);
  const browser = await openBrowser(chromium.value);
  try {
    const { page, faults } = await openPage(browser, url);
    await signIn(page, url);
    await page.goto(`${url}/predictions`);
    const row = page.locator(`#prediction-${soonest.id}`);
    const text = ((await row.textContent()) ?? "").replace(/\s+/g, " ");
    const isThere = [soonest.key, `${soonest.unit}s`, Math.round(soonest.remainingHigh)].every(
      (part) => text.includes(String(part)),
    );
    if (!isThere || faults.length > 0) throw new Error(`/predictions: ${text} ${faults}`);
    return text;
  } finally {
    await browser.close();
  }
}

async function signIn(page: Page, url: string): Promise<void> {
  await page.goto(`${url}/sign-in`);
  const tenant = page.locator('input[name="tenant"]:not([type="hidden"])');
  if ((await tenant.count()) > 0) await tenant.fill(TENANT);
  await page.fill('input[name="email"]', `admin@${TENANT}.example`);
  await page.fill('input[name="password"]', PASSWORD);
  await page.click('button[type="submit"]');
  await page.waitForURL((where) => !where.pathname.startsWith("/sign-in"));
}
