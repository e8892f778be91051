import { afterAll, afterEach, beforeAll, expect } from "bun:test";
import type { Browser, Page } from "playwright-core";
import { findChromium } from "../services/chromium.ts";
import { embeddedOnly } from "../services/embedded-only.ts";
import { testWith } from "../services/needs.ts";
import { waitFor } from "../services/wait.ts";
import { binary, PASSWORD } from "../system/harness.ts";
import { type Plant, startPlant, type Tenant } from "../system/plant.ts";
import { openBrowser, openPage, signIn, type WatchedPage } from "./open-browser.ts";

const chromium = findChromium();
const sealing = embeddedOnly("sealing");
const browserTest = testWith(binary, chromium, sealing);
const DAY_US = 86_400_000_000;
const SEALS_AT_ONCE = { FORESIGHT_SEAL_AFTER_SECONDS: "1", FORESIGHT_SEAL_EVERY_SECONDS: "1" };
let plant: Plant;
let tenant: Tenant;
let browser: Browser;
let watched: WatchedPage;
let page: Page;

const rest = (path: string) => `/api/v1/${path.replace("TENANT", tenant.id)}`;
type Holdings = { tier: string; rows: number }[];
const held = async () =>
  (await tenant.admin.get(rest("retention/TENANT/holdings"))).body.items as Holdings;
const rowsOf = (items: Holdings, tier: string) => items.find((one) => one.tier === tier)?.rows ?? 0;

beforeAll(async () => {
  if (!binary.ok || !chromium.ok || !sealing.ok) return;
  plant = await startPlant(["kilns"], { env: SEALS_AT_ONCE });
  const [only] = plant.tenants;
  if (only === undefined) throw new Error("there is a tenant");
  tenant = only;
  const nowUs = Date.now() * 1000;
  const startUs = Math.floor(nowUs / DAY_US - 5) * DAY_US;
  const old = Array.from({ length: 60 }, (_, i) => startUs + i * 60_000_000);
  // The newest closes the windows of the others.
  const lines = [...old, nowUs].map((at) => `kiln,asset=K-1 heat=${at % 97} ${at}`);
  expect((await tenant.device.write(lines.join("\n"))).status).toBe(204);
  // What is not sealed yet has arrived just now: nothing of it would go.
  await waitFor("the day to be sealed", async () => {
    const items = await held();
    return rowsOf(items, "raw") === 60 && rowsOf(items, "5m") === 12;
  });
  browser = await openBrowser(chromium.value);
  watched = await openPage(browser, plant.server.url);
  page = watched.page;
  await signIn(page, plant.server.url, `admin@${tenant.id}.example`, PASSWORD);
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await plant?.server.stop();
});

afterEach(() => {
  if (watched !== undefined) expect(watched.faults.splice(0)).toEqual([]);
});

const field = (name: string) => page.locator(`#retention-form [name="${name}"]`);
const press = (act: string) => page.locator(`#retention-form button[value="${act}"]`).click();

browserTest("what would go is named before classes are saved, and nothing else goes", async () => {
  await page.goto(`${plant.server.url}/admin/retention`);
  await page.locator("#held tbody tr").first().waitFor();
  expect(await page.locator('button[value="save"]').count()).toBe(0);
  await field("class-0-m5").fill("1");
  await press("look");
  const preview = page.locator("#retention-preview");
  await preview.waitFor();
  expect(await preview.locator("tbody tr").allTextContents()).toHaveLength(1);
  expect(await preview.textContent()).toContain("5m of default is kept 1 days");
  const before = await held();
  expect(rowsOf(before, "5m")).toBe(12);
  // What was looked at is what is saved: another figure must be looked at again.
  await field("class-0-m5").fill("2");
  await press("save");
  await page.locator("#retention-form [role=alert]").waitFor();
  expect((await tenant.admin.get(rest("retention/TENANT"))).body.version).toBe(0);
  watched.faults.splice(0); // the browser notes the refused form as an error
  await press("save");
  await page.locator("#retention-preview").waitFor({ state: "detached" });
  const { classes } = (await tenant.admin.get(rest("retention/TENANT"))).body;
  expect(classes[0].keepDays["5m"]).toBe(2);
  await page.locator("#retention-log summary").click();
  await page.locator("#retention-log form.act button").click();
  await page.locator("#retention-log tbody tr").first().waitFor();
  expect(await page.locator("#retention-log tbody").textContent()).toContain(
    "5m of default is kept",
  );
  const after = await held();
  expect(rowsOf(after, "5m")).toBe(0);
  expect(rowsOf(after, "1h")).toBe(rowsOf(before, "1h"));
});

browserTest("faults stand at their fields; a sensor is put into a class by hand", async () => {
  const sensor = await waitFor("the sensor", async () => {
    const { body } = await tenant.admin.get(rest("series/TENANT"));
    const [row] = body.items as { seriesNo: number }[];
    if (row === undefined) return undefined;
    const adopted = await tenant.admin.post(rest("inbox/TENANT/adoptions"), {
      adoptions: [{ seriesNo: row.seriesNo }],
    });
    return adopted.body.items[0].sensorId as string;
  });
  await page.goto(`${plant.server.url}/sensors/${sensor}`);
  await page.locator('a[href*="/admin/retention"]').click();
  await field("class-1-name").fill("Bad Name");
  await field("class-1-raw").fill("soon");
  await press("look");
  await page.locator('[name="class-1-name"][aria-invalid="true"]').waitFor();
  expect(await page.locator('[aria-invalid="true"]').count()).toBe(2);
  watched.faults.splice(0); // the browser notes the refused form as an error
  await field("class-1-name").fill("short");
  await field("class-1-raw").fill("7");
  await press("look");
  await page.locator("#retention-preview").waitFor();
  await field(`sensor-${sensor}`).selectOption("short");
  const looked = await field("previewed").inputValue();
  await press("look");
  await waitFor("the second look", async () => (await field("previewed").inputValue()) !== looked);
  await press("save");
  await waitFor("the class", async () => {
    const { body } = await tenant.admin.get(rest("retention/TENANT"));
    return body.bySensor[sensor] === "short";
  });
});
